import {describe, expect, it} from 'vitest'
import {reconnect, tunnelMark, bringBack, whileDown} from '../../../src/lib/vpn/tunnel-switch.js'
import {aControlServer} from '../../support/unit/control-server.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const never = new AbortController().signal
const aMark = async () => tunnelMark(await tempFolder(), {stack: 'torrent', gateway: 'gluetun', doing: 'homelab test'}, () => new Date())
const options = async (url: string, more = {}) => ({
  mark: await aMark(),
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
    const done = await reconnect(await options(url, {say: (text: string) => said.push(text)}), never)
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
    await expect(reconnect(await options(url, {say: stopped}), ending.signal)).rejects.toThrow()
    expect(state()).toBe('running')
  })

  it('is refused where the role does not allow it, with what mends that', async () => {
    const {url} = await aControlServer({'PUT /v1/vpn/status': {status: 401}})
    await expect(reconnect(await options(url), never)).rejects.toMatchObject({
      message: expect.stringContaining('PUT /v1/vpn/status was refused (401)') as string,
      next: expect.arrayContaining(['Set GLUETUN_API_KEY in compose/.env to the apikey of its role']) as string[],
    })
  })

  it('that never runs is an error with the state that it is in', async () => {
    const {url} = await aControlServer({'GET /v1/vpn/status': {body: {status: 'stopped'}}})
    await expect(reconnect(await options(url, {limit: 600}), never)).rejects.toThrow(
      'The tunnel is stopped, 0.6 s after it should be running.',
    )
  })
})

describe('a tunnel that is down', () => {
  it('is marked on disk for as long', async () => {
    const {url} = await aControlServer()
    const tunnel = await options(url)
    expect(await whileDown(tunnel, never, () => tunnel.mark.isSet())).toBe(true)
    expect(await tunnel.mark.isSet()).toBe(false)
  })

  it('is brought back for who was killed, and once', async () => {
    const {url, state} = await aControlServer()
    await fetch(`${url}/v1/vpn/status`, {method: 'PUT', body: '{"status":"stopped"}'})
    const tunnel = await options(url)
    await tunnel.mark.set()
    expect([await bringBack(tunnel, never), state(), await tunnel.mark.isSet()]).toEqual([true, 'running', false])
    expect(await bringBack(tunnel, never)).toBe(false)
  })

  it('without a mark is somebody else’s wish', async () => {
    const {url, state} = await aControlServer()
    await fetch(`${url}/v1/vpn/status`, {method: 'PUT', body: '{"status":"stopped"}'})
    expect([await bringBack(await options(url), never), state()]).toEqual([false, 'stopped'])
  })

  it('is left to the command that has taken it down and lives; another one is told so', async () => {
    const {url} = await aControlServer()
    const tunnel = await options(url)
    const second = whileDown(tunnel, never, () => bringBack(tunnel, never))
    await expect(second).rejects.toMatchObject({
      exitCode: 75,
      message: expect.stringContaining('The tunnel of gluetun is in use') as string,
    })
    expect(await tunnel.mark.isSet()).toBe(false)
  })

  it('that was refused to be taken down is not marked', async () => {
    const {url} = await aControlServer({'PUT /v1/vpn/status': {status: 401}})
    const tunnel = await options(url)
    await expect(whileDown(tunnel, never, () => Promise.resolve())).rejects.toThrow('(401)')
    expect(await tunnel.mark.isSet()).toBe(false)
  })
})
