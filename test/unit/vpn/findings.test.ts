import {describe, expect, it} from 'vitest'
import {allFine, type Finding} from '../../../src/lib/model/finding.js'
import {publishedAt, type Tunnel} from '../../../src/lib/vpn/gluetun.js'
import {noPort, portWish, type PortWish} from '../../../src/lib/vpn/no-port.js'
import {portFindings, leakFinding, tunnelFindings} from '../../../src/lib/vpn/tunnel-findings.js'
import {trafficFinding} from '../../../src/lib/vpn/traffic-findings.js'
import {exposedClients, gatewayFinding, namespaceFindings} from '../../../src/lib/vpn/namespace-findings.js'
import {aContainer, aWorld, STARTED} from '../../support/unit/observed.js'
import {aStack, torrent} from '../../support/unit/stack.js'

const TUNNEL: Tunnel = {
  version: {value: 'v3.41.1'},
  state: {value: 'running'},
  exit: {value: {ip: '203.0.113.7', city: 'London', country: 'United Kingdom'}},
  ports: {value: [51_413]},
  dns: {value: 'stopped'},
}
const line = ({is, check, says}: Finding): string => `${is} ${check}: ${says}`
const WISH: PortWish = {forwarding: true, portless: 0}
const found = (more: Partial<Tunnel> = {}, hasKey = true, wish = WISH) => tunnelFindings({...TUNNEL, ...more}, hasKey, wish)

describe('the tunnel', () => {
  it('is fine, and says what was checked', () => {
    expect(found().map(line)).toEqual([
      'good tunnel: running',
      'good exit IP: 203.0.113.7 · London, United Kingdom',
      'good forwarded port: 51413',
      "good DNS: Gluetun's own server is stopped, as DNS_SERVER=off has it",
    ])
  })

  it.each([
    ['stopped', 'bad'],
    ['crashed', 'bad'],
    ['completed', 'bad'],
    ['starting', 'warn'],
    ['stopping', 'warn'],
  ] as const)('that is %s: %s', (value, is) => {
    expect(found({state: {value}})[0]).toMatchObject({is, says: value})
  })

  it('without a forwarded port, or an address, is not fine', () => {
    expect(found({ports: {value: []}, exit: {value: {ip: ''}}}).map(({is}) => is)).toEqual(['good', 'unknown', 'warn', 'good'])
  })

  it('that cannot be asked is not known, with the file that mends it, fitting the version', () => {
    const refused = {why: 'refused', says: 'GET /v1/vpn/status was refused (401)'} as const
    const [first] = found({state: refused, version: {value: 'v3.40.0'}})
    expect(line(first!)).toBe('unknown tunnel: Gluetun could not be asked: GET /v1/vpn/status was refused (401)')
    expect(first?.next?.join('\n')).toMatch(/config\.toml[^]*\[\[roles\]\][^]*auth = "apikey"[^]*"GET \/v1\/openvpn\/portforwarded"/)
    expect(found({state: refused})[0]?.next?.join()).toContain('"GET /v1/portforward"')
    expect(found({state: refused}, false)[0]?.next).toEqual(['Set GLUETUN_API_KEY in compose/.env to the apikey of its role'])
  })
})

describe('no forwarded port', () => {
  it.each([
    [{forwarding: true, portless: 119_000}, 'warn', /^none yet/],
    [{forwarding: true, portless: 120_000}, 'bad', /^none for 2 minutes, although VPN_PORT_FORWARDING is on: other peers cannot connect$/],
    [{forwarding: false, portless: 9e9}, 'warn', /^none: other peers/],
  ] as const)('with %j is %s', (wish, is, says) => {
    expect(noPort('port', wish)).toMatchObject({is, says: expect.stringMatching(says) as string})
    expect(found({ports: {value: []}}, true, wish)[2]).toMatchObject({is})
    const view = {
      forwarded: {value: []},
      preferences: {why: 'silent', says: 'not asked'},
      listens: undefined,
      tunnel: 'tun0',
      wish,
    } as const
    expect(portFindings(view).map((finding) => finding.is)).toEqual([is])
  })

  it('is known by the watcher since when, or at most since the gateway was started', () => {
    const on = new Map([['VPN_PORT_FORWARDING', 'yes']])
    expect(portWish(on, {portless: {since: 900, told: false}}, 100, 1000)).toEqual({forwarding: true, portless: 100})
    expect(portWish(new Map(), {}, 100, 1000)).toEqual({forwarding: false, portless: 900})
  })
})

describe('the traffic', () => {
  const blocked = ['http://1.1.1.1/', 'dns://9.9.9.9'].map((target) => ({target, is: 'blocked', says: 'no answer within 3 s'}) as const)
  const silence = 'nothing has come back through the tunnel for 34 s, 12 packets sent'
  const of = (answer: Parameters<typeof trafficFinding>[0]['answer'], received: number | undefined, isKnown = false) => {
    const meanwhile = received === undefined ? undefined : {received, sent: 5}
    return line(trafficFinding({answer, meanwhile, silence: {says: silence, isKnown}, seconds: 3}))
  }

  it('is what comes back', () => {
    expect(of({answered: 'http://1.1.1.1/'}, undefined)).toBe('good traffic: http://1.1.1.1/ answers through the tunnel')
    expect(of({attempts: blocked}, 0)).toBe(
      `bad traffic: ${silence} (http://1.1.1.1/: no answer within 3 s; dns://9.9.9.9: no answer within 3 s)`,
    )
    expect(of({attempts: blocked}, undefined)).toMatch(/^bad /)
    expect(of({attempts: blocked}, 1)).toBe(
      'warn traffic: packets come back through the tunnel, and neither of http://1.1.1.1/, dns://9.9.9.9 answers within 3 s',
    )
  })

  it('that could not be asked for is not known', () => {
    const attempts = [{target: 'http://1.1.1.1/', is: 'unclear', says: 'wget ended with 127'}] as const
    expect(of({attempts}, 0)).toMatch(/^unknown traffic: .*ended with 127/)
    expect(of({attempts}, 0, true)).toMatch(/^bad traffic: nothing has come back/)
  })
})

describe('the leak check', () => {
  const own = (...addresses: string[]) => ({told: new Map(addresses.map((ip) => [ip, 2] as const)), asked: 4})

  it.each([
    [own('198.51.100.2'), "good leak: this machine's own address is another: 198.51.100.2, by 2 of 4 services"],
    [own('203.0.113.7'), "bad leak: the tunnel's address 203.0.113.7 is this machine's own, by 2 of 4 services"],
    [own('198.51.100.2', '203.0.113.7'), "bad leak: the tunnel's address 203.0.113.7 is this machine's own, by 4 of 4 services"],
    [own(), "unknown leak: none of 4 services told this machine's own address"],
  ])('%#', (address, expected) => {
    expect(line(leakFinding(TUNNEL.exit, address))).toBe(expected)
  })

  it('cannot be made without an exit IP', () => {
    expect(leakFinding({value: {ip: ''}}, own('198.51.100.2')).is).toBe('unknown')
    expect(leakFinding({why: 'silent', says: ''}, own('198.51.100.2')).is).toBe('unknown')
  })
})

describe('who is behind the gateway', () => {
  const of = (containers: Parameters<typeof aWorld>[1]) => namespaceFindings(aWorld(torrent(), containers), 'gluetun').map(line)

  it('is proven by the kernel where it tells, and says so where it does not', () => {
    const namespace = 'net:[4026532000]'
    expect(of({containers: {gluetun: {namespace}, sonarr: {namespace}}})).toEqual([
      "good qbittorrent: in gluetun's namespace, by container id and start time (the kernel tells root alone)",
      "good sonarr: in gluetun's namespace, says the kernel: net:[4026532000]",
    ])
  })

  it.each<[Parameters<typeof aContainer>[1], string]>([
    [{startedAt: 1}, 'bad sonarr: cut off: gluetun started again after it'],
    [{networkMode: 'container:gone'}, 'bad sonarr: cut off: it belongs to a gluetun that is gone'],
    [{networkMode: 'bridge'}, 'bad sonarr: it runs outside of the VPN, in the network bridge, and the Compose files put it behind gluetun'],
    [{state: 'exited'}, 'warn sonarr: it does not run (exited)'],
  ])('%j', (words, expected) => {
    expect(of({containers: {sonarr: words ?? {}}})[1]).toBe(expected)
  })

  it('finds torrent clients that run, and that nobody put behind it', () => {
    const stack = aStack({
      client: {image: 'lscr.io/linuxserver/qbittorrent:latest'},
      inside: {image: 'x/transmission', gateway: 'vpn'},
      vpn: {},
      sonarr: {},
    })
    expect(exposedClients([aWorld(stack)]).map(({is, check}) => `${is} ${check}`)).toEqual(['bad client'])
    expect(exposedClients([aWorld(stack, {containers: {client: {state: 'exited'}}})])).toEqual([])
  })

  it('in the namespace of a container of another stack is not told to be exposed, nor to be well', () => {
    const stack = aStack({client: {image: 'example.org/qbittorrent:1'}})
    const {observed} = aWorld(stack, {containers: {client: {networkMode: 'container:vpn-1'}}})
    const hosts = new Map([['vpn-1', aContainer('vpn', {name: 'elsewhere-vpn-1'})]])
    expect(exposedClients([{stack, observed: {...observed, hosts}}]).map(line)).toEqual([
      'unknown client: a torrent client in the network namespace of elsewhere-vpn-1, which is not in torrent: whether that is a VPN was not checked',
    ])
  })
})

describe('the gateway', () => {
  const of = (words: Parameters<typeof aContainer>[1]) =>
    line(gatewayFinding('torrent', 'gluetun', aContainer('gluetun', words), (ms) => `${ms} ms`, STARTED + 5))

  it('is as well as its health check says', () => {
    expect(of({})).toBe('good gluetun: healthy, up 5 ms, example.org/gluetun:1')
    expect(of({health: 'unhealthy'})).toMatch(/^bad /)
    expect(of({health: 'starting'})).toMatch(/^warn /)
    expect(of({health: 'none'})).toMatch(/^unknown /)
    expect(of({state: 'exited'})).toBe('bad gluetun: it is exited')
    expect(gatewayFinding('torrent', 'gluetun', undefined, String, 0).is).toBe('bad')
  })

  it.each([
    [['8000'], 'http://127.0.0.1:8000'],
    [['8989', '127.0.0.1:18000->8000'], 'http://127.0.0.1:18000'],
    [['18000->8000'], 'http://127.0.0.1:18000'],
    [['::1:18000->8000'], 'http://[::1]:18000'],
    [['8000->80', '8989'], undefined],
  ])('publishes %j: %s', (ports, url) => {
    expect(publishedAt({ports})).toBe(url)
  })
})

it('what could not be checked is not fine', () => {
  const of = (is: Finding['is']): Finding => ({is, check: '', says: ''})
  expect([allFine([of('good'), of('warn')]), allFine([of('good'), of('unknown')]), allFine([of('bad')])]).toEqual([true, false, false])
})
