import type {IncomingMessage} from 'node:http'

/**
 * A request's body; undefined: it is larger than allowed, and the rest was not read.
 * @throws Error if whoever sends it goes away in the middle.
 */
export function bodyOf(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > most) return Promise.resolve(undefined)
  // Not `for await`: to leave that loop destroys the connection, and with it the answer.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const take = (chunk: Buffer): void => {
      size += chunk.length
      if (size <= most) return void chunks.push(chunk)
      request.off('data', take).pause()
      resolve(undefined)
    }
    request.on('data', take)
    request.once('end', () => resolve(Buffer.concat(chunks)))
    request.once('error', reject)
    request.once('close', () => reject(new Error('it went away')))
  })
}
