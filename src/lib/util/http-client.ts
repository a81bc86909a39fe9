import http, {request as plain, type IncomingHttpHeaders, type IncomingMessage} from 'node:http'
import https, {request as secure} from 'node:https'

type Message = {
  readonly method: 'GET' | 'PUT'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly signal: AbortSignal
}

/** Larger than any answer of Gluetun's, in characters. */
const MOST = 65_536

/**
 * One question to a small server, without following anywhere. Not fetch: asked every few seconds for months, that costs
 * more of processor and memory (measured: 8 MB).
 */
export function send(url: URL, {method, headers, body, signal}: Message): Promise<{status: number; text: string}> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? secure : plain
    const asking = request(url, {method, headers, signal, agent: false}, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        if (text.length > MOST) response.destroy()
      })
      response.once('close', () => resolve({status: response.statusCode ?? 0, text}))
    })
    asking.once('error', reject)
    asking.end(body)
  })
}

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
