import {openOutbox} from '../../../src/lib/notify/outbox.js'
import {notification} from './notification.js'

// A process to be killed: puts without end, four at a time, and says on stdout what is on disk.
const log = {info: () => undefined, warn: () => undefined, error: () => undefined}
const outbox = openOutbox(process.argv[2]!, {log, now: () => new Date()})

const putForever = async (lane: number) => {
  for (let count = 0; count < 100; count += 1) {
    const message = `${lane}.${count} `.padEnd(20_000, 'x')
    await outbox.put(notification(message))
    process.stdout.write(`${lane}.${count}\n`)
  }
}
await Promise.all([1, 2, 3, 4].map(putForever))
