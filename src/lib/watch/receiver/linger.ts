import type {IncomingMessage} from 'node:http'

/** What is still read of a request that was refused. Bytes, and milliseconds. */
const MOST = 1_048_576
const MOST_MS = 1_000

/**
 * Ends when the rest of a refused request is read and thrown away, or it is enough. A connection that is closed with bytes
 * unread is reset, and the client may lose the answer: RFC 9112, 9.6.
 */
export function linger(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    let left = MOST
    const done = (): void => {
      clearTimeout(timer)
      request.off('data', take)
      resolve()
    }
    const take = (chunk: Buffer): void => {
      left -= chunk.length
      if (left < 0) done()
    }
    const timer = setTimeout(done, MOST_MS)
    request.once('end', done).once('close', done).once('error', done).on('data', take).resume()
  })
}
