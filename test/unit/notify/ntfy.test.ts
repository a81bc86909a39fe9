import {createServer, type AddressInfo} from 'node:net'
import {once} from 'node:events'
import {onTestFinished, describe, expect, it} from 'vitest'
import {publish} from '../../../src/lib/notify/ntfy.js'
import {fakeNtfy, refuse, silence, taken} from '../../support/unit/fake-ntfy.js'
import {notification} from '../../support/unit/notification.js'

const never = new AbortController().signal

/** The whole answer as text, to look for secrets in. */
const shown = (result: unknown) => JSON.stringify(result)

describe('publishing to ntfy', () => {
  it('posts JSON to the root of the server, with the token as a bearer', async () => {
    const ntfy = await fakeNtfy()
    expect(await publish(ntfy.target, notification('Sonarr is back 🎬', {tags: ['a', 'b'], priority: 4}), never)).toEqual({is: 'delivered'})
    const [{path, headers, body}] = ntfy.received as [(typeof ntfy.received)[0]]
    expect(path).toBe('/')
    expect(headers).toMatchObject({'content-type': 'application/json', authorization: 'Bearer tk_secret'})
    expect(body).toEqual({
      topic: 'my-secret-topic',
      title: 'torrent: brought back',
      message: 'Sonarr is back 🎬',
      tags: ['a', 'b'],
      priority: 4,
    })
  })

  it('sends no Authorization without a token', async () => {
    const ntfy = await fakeNtfy()
    await publish({...ntfy.target, token: undefined}, notification('a'), never)
    expect(ntfy.received[0]?.headers).not.toHaveProperty('authorization')
  })

  it('cuts what ntfy would not take, between two characters', async () => {
    const ntfy = await fakeNtfy()
    const sent = [
      notification('🎬'.repeat(2000), {title: 'é'.repeat(2000), tags: Array<string>(100).fill('warning')}),
      notification('\n'.repeat(9000)),
    ]
    for (const each of [...sent, notification('x'.repeat(4095))]) await publish(ntfy.target, each, never)
    const [emoji, breaks, fitting] = ntfy.received.map(({body}) => body as {message: string; title: string; tags: string[]})
    expect(emoji!.message).toMatch(/^(🎬)+…$/u)
    expect(Buffer.byteLength(emoji!.message)).toBe(4095)
    expect(Buffer.byteLength(emoji!.title)).toBeLessThanOrEqual(1024)
    expect(emoji!.tags.join().length).toBeLessThanOrEqual(512)
    expect(Buffer.byteLength(JSON.stringify(emoji))).toBeLessThan(8192)
    expect(Buffer.byteLength(JSON.stringify(breaks))).toBeLessThan(8192)
    expect(fitting!.message).toBe('x'.repeat(4095))
  })

  it.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [400, 'invalid request: topic invalid'],
  ])('is refused by %i %s', async (status, error) => {
    const ntfy = await fakeNtfy(refuse(status, error))
    expect(await publish(ntfy.target, notification('a'), never)).toEqual({is: 'refused', why: `${ntfy.host} answered ${status} (${error})`})
  })

  it('shows neither topic nor token, even if the server does', async () => {
    const ntfy = await fakeNtfy(refuse(403, 'no access to my-secret-topic'), refuse(500, 'bad token tk_secret'))
    const results = [await publish(ntfy.target, notification('a'), never), await publish(ntfy.target, notification('a'), never)]
    expect(results).toMatchObject([{is: 'refused'}, {is: 'retry'}])
    expect(shown(results)).not.toMatch(/secret/)
  })

  it('is tried again after a 5xx or a 429, when the server says', async () => {
    const date = {Date: 'Mon, 23 Nov 2026 12:00:00 GMT', 'Retry-After': 'Mon, 23 Nov 2026 12:00:30 GMT'}
    const ntfy = await fakeNtfy(
      refuse(500, 'internal server error'),
      refuse(429, 'limit reached', {'Retry-After': '7'}),
      refuse(503, 'later', date),
      refuse(429, 'limit reached', {'Retry-After': 'soon'}),
    )
    const results = []
    for (let count = 0; count < 4; count += 1) results.push(await publish(ntfy.target, notification('a'), never))
    expect(results).toEqual([
      {is: 'retry', why: `${ntfy.host} answered 500 (internal server error)`},
      {is: 'retry', why: `${ntfy.host} answered 429 (limit reached)`, afterMs: 7000},
      {is: 'retry', why: `${ntfy.host} answered 503 (later)`, afterMs: 30_000},
      {is: 'retry', why: `${ntfy.host} answered 429 (limit reached)`},
    ])
  })

  it('follows no redirect', async () => {
    const other = await fakeNtfy()
    const ntfy = await fakeNtfy((response) => response.writeHead(307, {Location: other.target.url}).end())
    expect(await publish(ntfy.target, notification('a'), never)).toMatchObject({
      is: 'refused',
      why: expect.stringContaining('redirect') as string,
    })
    expect(other.received).toEqual([])
  })

  it('takes no web page for an ntfy server', async () => {
    const ntfy = await fakeNtfy((response) => response.end('<html>Welcome</html>'))
    expect(await publish(ntfy.target, notification('a'), never)).toEqual({
      is: 'refused',
      why: `${ntfy.host} answered 200, but not as an ntfy server does`,
    })
  })

  it('takes half an answer for a delivery', async () => {
    const ntfy = await fakeNtfy((response) => {
      response.writeHead(200, {'Content-Length': 100}).write('{"id":')
      setTimeout(() => response.destroy(), 50)
    })
    expect(await publish(ntfy.target, notification('a'), never)).toEqual({is: 'delivered'})
  })

  it('is tried again when nobody listens, or somebody hangs up', async () => {
    const ntfy = await fakeNtfy((response) => response.destroy())
    expect(await publish(ntfy.target, notification('a'), never)).toEqual({
      is: 'retry',
      why: `${ntfy.host} cannot be reached: socket hang up`,
    })
    ntfy.close()
    expect(await publish(ntfy.target, notification('a'), never)).toMatchObject({
      is: 'retry',
      why: expect.stringContaining('ECONNREFUSED') as string,
    })
  })

  it('waits only so long for an answer, or for the rest of one', async () => {
    const ntfy = await fakeNtfy(silence, (response) => response.writeHead(500).write('{'))
    const results = [await publish(ntfy.target, notification('a'), never, 100), await publish(ntfy.target, notification('a'), never, 100)]
    expect(results).toEqual([
      {is: 'retry', why: `${ntfy.host} did not answer within 1 s`},
      {is: 'retry', why: `${ntfy.host} answered 500`},
    ])
  })

  it('ends when the signal fires, before or while it waits', async () => {
    const ntfy = await fakeNtfy(silence, taken)
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 50)
    const began = performance.now()
    for (let count = 0; count < 2; count += 1) {
      expect(await publish(ntfy.target, notification('a'), stop.signal)).toEqual({is: 'retry', why: `${ntfy.host} had not answered yet`})
    }
    expect(performance.now() - began).toBeLessThan(5000)
    expect(ntfy.received).toHaveLength(1)
  })

  it('survives an answer that is no HTTP', async () => {
    const server = createServer((socket) => socket.end('220 mail ready\r\n')).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await publish({url, topic: 'a', token: undefined}, notification('a'), never)).toMatchObject({is: 'retry'})
  })
})
