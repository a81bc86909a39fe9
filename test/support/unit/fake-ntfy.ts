import {createServer, type IncomingHttpHeaders, type ServerResponse} from 'node:http'
import {once} from 'node:events'
import type {AddressInfo} from 'node:net'
import {text} from 'node:stream/consumers'
import {onTestFinished} from 'vitest'

type Received = {readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Record<string, unknown>}

type Reply = (response: ServerResponse, received: Received) => void

/** What ntfy 2 answers when it has taken a message. */
export const taken: Reply = (response, {body}) =>
  response.setHeader('Content-Type', 'application/json').end(JSON.stringify({id: 'hwQ2YpKdmg', time: 1, event: 'message', ...body}))

export const refuse =
  (status: number, error: string, headers: Record<string, string> = {}): Reply =>
  (response) =>
    response.writeHead(status, headers).end(JSON.stringify({code: status * 100 + 1, http: status, error}))

export const silence: Reply = () => undefined

/** An HTTP server of this machine in ntfy's place, for one test. `replies` are used up in their order; then it takes everything. */
export async function fakeNtfy(...replies: Reply[]) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const what = {path: request.url ?? '', headers: request.headers, body: JSON.parse(body) as Record<string, unknown>}
      received.push(what)
      const reply = replies.shift() ?? taken
      reply(response, what)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  onTestFinished(close)
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    host,
    received,
    replies,
    close,
    target: {url: `http://${host}`, topic: 'my-secret-topic', token: 'tk_secret' as string | undefined},
    messages: () => received.map(({body}) => body.message),
  }
}
