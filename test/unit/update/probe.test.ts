import {createServer, type Server} from 'node:http'
import {once} from 'node:events'
import type {AddressInfo} from 'node:net'
import {afterEach, describe, expect, it} from 'vitest'
import {probe as askOnce} from '../../../src/lib/stack/probe.js'
import {probe} from '../../../src/lib/update/probe.js'

describe('the page that a new image has to answer', () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  const answering = async (status: number): Promise<string> => {
    server = createServer((_, response) => response.writeHead(status).end())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `127.0.0.1:${(server.address() as AddressInfo).port}/ping`
  }
  const {signal} = new AbortController()

  it.each([200, 302, 401, 403, 404, 500])('answers %i: the update takes for well what health takes for well', async (status) => {
    const url = `http://${await answering(status)}`
    const {ok} = await askOnce({kind: 'page', url}, {signal, limit: 1000})
    const result = await probe(url, 0, Date.now, signal).then(
      () => true,
      () => false,
    )
    expect(result).toBe(ok)
    expect(ok).toBe([200, 302, 401, 403].includes(status))
  })

  it('says what it answered last, and no password of its address', async () => {
    const page = await answering(500)
    await expect(probe(`http://me:secret@${page}`, 0, Date.now, signal)).rejects.toThrow(
      new RegExp(`^http://${page} does not answer as it should after 0 s: answers 500 in \\d+ ms\\.$`),
    )
  })
})
