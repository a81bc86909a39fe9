import {createServer, type Server} from 'node:http'
import {once} from 'node:events'
import {describe, expect, it, onTestFinished} from 'vitest'
import {receiverWatcher} from '../../../../src/lib/watch/webhook/listener.js'
import {memoryLog} from '../../../support/unit/memory-log.js'
import {freePort} from '../../../support/unit/free-port.js'

/** A receiver that looks for its addresses every 20 ms. */
async function listening(first: readonly string[]) {
  let addresses = first
  const port = await freePort()
  const log = memoryLog()
  const ending = new AbortController()
  const serve = (): Server => createServer((_, response) => response.end('here'))
  const ended = receiverWatcher({serve, addresses: async () => addresses, port, log, every: 20, heard: () => undefined}).run(ending.signal)
  onTestFinished(async () => {
    ending.abort()
    await ended
  })
  const answers = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/`).then(
      (response) => response.ok,
      () => false,
    )
  return {port, log, answers, move: (next: readonly string[]) => void (addresses = next), stop: () => ending.abort(), ended}
}

describe('where announcements are listened for', () => {
  it('is wherever it is to be at the moment: a network may appear later, and go', async () => {
    const {answers, move, log, port} = await listening([])
    expect(await answers()).toBe(false)
    move(['127.0.0.1'])
    await expect.poll(answers).toBe(true)
    move([])
    await expect.poll(answers).toBe(false)
    expect(log.lines).toEqual([`info announcements are taken at http://127.0.0.1:${port}/`])
  })

  it('is one address less if it cannot be had, which is said once; and tried again', async () => {
    const {answers, log, port, move} = await listening(['192.0.2.1'])
    await expect.poll(() => log.lines.length).toBe(1)
    expect(log.lines[0]).toMatch(/^warn announcements cannot be taken at 192\.0\.2\.1:\d+, which is tried again: /)
    const other = createServer().listen(port, '127.0.0.1')
    await once(other, 'listening')
    move(['192.0.2.1', '127.0.0.1'])
    await expect.poll(() => log.lines.length).toBe(2)
    expect(log.lines[1]).toContain('choose another port: WUD_WEBHOOK_PORT in compose/.env')
    other.close()
    await expect.poll(answers).toBe(true)
    expect(log.lines).toHaveLength(3)
  })

  it('is nowhere after its end', async () => {
    const {answers, stop, ended} = await listening(['127.0.0.1'])
    await expect.poll(answers).toBe(true)
    stop()
    await ended
    expect(await answers()).toBe(false)
  })
})
