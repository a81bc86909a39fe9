import {connect} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'

const PAUSE_MS = 10

/** Asks through a published port until somebody answers. @returns When that was, epoch milliseconds. */
export async function firstAnswer(port: number, giveUp: AbortSignal): Promise<number> {
  for (;;) {
    giveUp.throwIfAborted()
    if (await answers(port)) return performance.timeOrigin + performance.now()
    await sleep(PAUSE_MS)
  }
}

/** Docker's proxy takes every connection, and closes it if nobody listens behind it. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.0\r\n\r\n'))
    const end = (yes: boolean): void => {
      socket.destroy()
      resolve(yes)
    }
    socket.once('data', () => end(true))
    socket.once('error', () => end(false))
    socket.once('close', () => end(false))
  })
}
