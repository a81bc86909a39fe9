import {describe, expect, it} from 'vitest'
import {reconnect} from '../../../src/lib/vpn/reconnect.js'
import {aControlServer} from '../support/control-server.js'

const never = new AbortController().signal
const options = (url: string, more = {}) => ({
  server: {url, apiKey: undefined},
  answer: 500,
  limit: 2_000,
  now: Date.now,
  say: () => undefined,
  ...more,
})

describe('a new tunnel', () => {
  it('is the old one stopped, then started, and its address', async () => {
    const {url, asked} = await aControlServer()
    const said: string[] = []
    const done = await reconnect(options(url, {say: (text: string) => said.push(text)}), never)
    expect(done).toEqual({before: {ip: '203.0.113.7', city: 'London', country: 'United Kingdom'}, after: done.before})
    expect(asked.filter((line) => !line.startsWith('GET'))).toEqual(['PUT /v1/vpn/status', 'stopped', 'PUT /v1/vpn/status', 'running'])
    expect(said).toEqual(['the tunnel is stopped', 'a new tunnel runs'])
  })

  it('is started again when a Ctrl-C comes in the middle', async () => {
    const {url, state} = await aControlServer()
    const ending = new AbortController()
    const stopped = (text: string): void => {
      if (text === 'the tunnel is stopped') ending.abort()
    }
    await expect(reconnect(options(url, {say: stopped}), ending.signal)).rejects.toThrow()
    expect(state()).toBe('running')
  })

  it('is refused where the role does not allow it, with what mends that', async () => {
    const {url} = await aControlServer({'PUT /v1/vpn/status': {status: 401}})
    await expect(reconnect(options(url), never)).rejects.toMatchObject({
      message: expect.stringContaining('PUT /v1/vpn/status was refused (401)') as string,
      next: expect.arrayContaining(['Set GLUETUN_API_KEY in compose/.env to the apikey of its role']) as string[],
    })
  })

  it('that never runs is an error with the state that it is in', async () => {
    const {url} = await aControlServer({'GET /v1/vpn/status': {body: {status: 'stopped'}}})
    await expect(reconnect(options(url, {limit: 600}), never)).rejects.toThrow('The tunnel is stopped, 0.6 s after it should be running.')
  })
})
