import {request as plain} from 'node:http'
import {request as secure} from 'node:https'

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
