import http, {type IncomingHttpHeaders, type IncomingMessage} from 'node:http'
import https from 'node:https'

export type Answer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Undefined: it broke off, or is too long to be of interest. */
  readonly text: string | undefined
}

/** An ntfy server repeats the message, in which each byte may take six. */
const ANSWER_BYTES = 64 * 1024

/**
 * A POST, a connection of its own each, no redirects followed. node:http, as fetch loads 8 MB of its own into a process
 * that runs for months.
 * @throws the error of the network, or AbortError when the signal fires before the answer begins.
 */
export function post(url: string, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<Answer> {
  const {request} = url.startsWith('https:') ? https : http
  const options = {method: 'POST', agent: false, signal, headers: {...headers, 'Content-Length': Buffer.byteLength(body)}}
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      // From here on the server has spoken: `read` says how much of it came.
      sent.off('error', reject).on('error', () => undefined)
      const {statusCode = 0, headers} = response
      void read(response).then((text) => resolve({status: statusCode, headers, text}))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function read(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > ANSWER_BYTES) return undefined
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString()
  } catch {
    return undefined
  }
}
