import {describe, expect, it} from 'vitest'
import {readTunnel} from '../../../src/lib/vpn/gluetun.js'
import {aControlServer} from '../../support/unit/control-server.js'
import {freePort} from '../../support/unit/free-port.js'

const patience = {signal: new AbortController().signal, limit: 300}
const read = async (answers: Parameters<typeof aControlServer>[0] = {}, key?: string, ours = key) => {
  const {url, asked} = await aControlServer(answers, key)
  return {tunnel: await readTunnel({url, apiKey: ours}, patience), asked}
}

describe('what Gluetun tells', () => {
  it('is read at once, and never its settings, which hold credentials', async () => {
    const {tunnel, asked} = await read({}, 'a key')
    expect(tunnel).toEqual({
      version: {value: 'v3.41.1'},
      state: {value: 'running'},
      exit: {value: {ip: '203.0.113.7', city: 'London', country: 'United Kingdom'}},
      ports: {value: [51_413]},
      dns: {value: 'stopped'},
    })
    expect(asked.toSorted()).toEqual([
      'GET /v1/dns/status',
      'GET /v1/portforward',
      'GET /v1/publicip/ip',
      'GET /v1/version',
      'GET /v1/vpn/status',
    ])
  })

  it.each<[unknown, unknown]>([
    [{port: 0}, {value: []}],
    [{ports: [1, 2]}, {value: [1, 2]}],
    [{port: '51413'}, {why: 'strange'}],
    [{port: 70_000}, {why: 'strange'}],
    [{ports: [1, -2]}, {why: 'strange'}],
    [[], {why: 'strange'}],
  ])('forwards %j: %j', async (body, expected) => {
    expect((await read({'GET /v1/portforward': {body}})).tunnel.ports).toMatchObject(expected as object)
  })

  it('has its port under an older name before v3.41, where unknown routes are refused', async () => {
    for (const status of [401, 404]) {
      const older = {'GET /v1/portforward': {status}, 'GET /v1/openvpn/portforwarded': {body: {port: 5}}}
      expect((await read(older)).tunnel.ports).toEqual({value: [5]})
    }
  })

  it('is refused with another key, each by its route', async () => {
    const {tunnel} = await read({}, 'a key', 'another')
    expect(tunnel.state).toEqual({why: 'refused', says: 'GET /v1/vpn/status was refused (401)'})
    expect(tunnel.ports).toMatchObject({why: 'refused'})
  })

  it.each<[string, Parameters<typeof aControlServer>[0], string, string]>([
    ['a route that it does not know', {'GET /v1/dns/status': {status: 404}}, 'unknown-route', 'it does not know GET /v1/dns/status (404)'],
    ['an error', {'GET /v1/dns/status': {status: 500}}, 'strange', 'GET /v1/dns/status was answered with 500'],
    [
      'something else',
      {'GET /v1/dns/status': {body: {status: 5}}},
      'strange',
      'GET /v1/dns/status was answered with something else than expected',
    ],
  ])('is nothing, with its reason: %s', async (_, answers, why, says) => {
    const {tunnel} = await read(answers)
    expect(tunnel.dns).toEqual({why, says})
    expect(tunnel.state).toEqual({value: 'running'})
  })

  it('waits for no answer longer than its limit, and lets the others through', async () => {
    const {tunnel} = await read({'GET /v1/publicip/ip': {never: true}})
    expect(tunnel.exit).toMatchObject({why: 'silent', says: expect.stringContaining('nothing within 0.3 s') as string})
    expect(tunnel.state).toEqual({value: 'running'})
  })

  it('is nothing where nobody listens', async () => {
    const port = await freePort()
    const {state} = await readTunnel({url: `http://127.0.0.1:${port}`, apiKey: undefined}, patience)
    expect(state).toMatchObject({why: 'silent', says: expect.stringContaining('ECONNREFUSED') as string})
  })
})
