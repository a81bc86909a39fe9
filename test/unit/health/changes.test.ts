import {describe, expect, it} from 'vitest'
import type {Finding, Subject} from '../../../src/lib/model/finding.js'
import {healthAlert, hasChanged, healthChanges} from '../../../src/lib/health/changes.js'
import {leakFinding} from '../../../src/lib/vpn/tunnel-findings.js'
import {namespaceFindings} from '../../../src/lib/vpn/namespace-findings.js'
import {ruleFindings} from '../../../src/lib/vpn/firewall-findings.js'
import {aWorld} from '../../support/unit/observed.js'
import {torrent} from '../../support/unit/stack.js'

const NOW = Date.UTC(2026, 0, 1, 12)
const finding = (is: Finding['is'], says: string, more: Partial<Finding> = {}): Finding => ({is, check: 'probe', says, ...more})
const subject = (name: string, ...findings: Finding[]): Subject => ({area: 'torrent', subject: name, findings})
const well = subject('sonarr', finding('good', 'answers'))
const ill = subject('sonarr', finding('bad', 'no answer'))
const open = subject('sonarr', finding('unknown', 'could not be asked'))
/** What is remembered after two looks that saw the same. */
const troubles = (...subjects: Subject[]) =>
  healthChanges(healthChanges([], subjects, NOW - 3_600_000).troubles, subjects, NOW - 3_000_000).troubles

describe('what has changed', () => {
  it('is nothing while all stays well, or ill in the same way', () => {
    expect(hasChanged(healthChanges([], [well], NOW))).toBe(false)
    const same = healthChanges(troubles(ill), [subject('sonarr', finding('bad', 'something else'))], NOW)
    expect(hasChanged(same)).toBe(false)
    expect(same.troubles).toMatchObject([{says: 'something else', since: NOW - 3_600_000}])
  })

  it('is bad, worse, recovered', () => {
    expect(healthChanges([], [ill], NOW).begun).toMatchObject([{subject: 'sonarr', is: 'bad', says: 'no answer', since: NOW}])
    expect(healthChanges(troubles(open), [ill], NOW)).toMatchObject({begun: [], worse: [{is: 'bad'}], over: []})
    expect(healthChanges(troubles(ill), [open], NOW)).toMatchObject({begun: [], worse: [], over: []})
    expect(healthChanges(troubles(ill), [well], NOW)).toMatchObject({over: [{subject: 'sonarr'}], troubles: []})
  })

  it('is not what could not be checked once: a busy machine is slow; twice it is told, with its beginning', () => {
    const once = healthChanges([], [open], NOW - 300_000)
    expect(hasChanged(once)).toBe(false)
    expect(healthChanges(once.troubles, [open], NOW)).toMatchObject({begun: [{is: 'unknown', since: NOW - 300_000}], worse: [], over: []})
    expect(healthChanges(once.troubles, [ill], NOW)).toMatchObject({begun: [{is: 'bad'}], worse: [], over: []})
    const over = healthChanges(once.troubles, [well], NOW)
    expect([hasChanged(over), over.troubles]).toEqual([false, []])
    const twice = healthChanges(once.troubles, [open], NOW)
    expect(hasChanged(healthChanges(twice.troubles, [open], NOW))).toBe(false)
    expect(healthChanges(twice.troubles, [well], NOW).over).toHaveLength(1)
  })

  it('leaves alone what was not looked at', () => {
    const elsewhere: Subject = {area: 'plex', subject: 'plex', findings: [finding('good', 'answers')]}
    const changes = healthChanges(troubles(ill), [elsewhere], NOW)
    expect(hasChanged(changes)).toBe(false)
    expect(changes.troubles).toEqual(troubles(ill))
  })

  it('is not what may be unknown, nor a warning', () => {
    expect(hasChanged(healthChanges([], [subject('time', finding('unknown', '?', {optional: true}), finding('warn', '!'))], NOW))).toBe(
      false,
    )
  })
})

describe('what is dangerous', () => {
  const gluetun = (...findings: Finding[]): Subject => ({area: 'vpn', subject: 'gluetun', findings})
  const port = finding('bad', 'nobody listens', {check: 'port'})
  const ip = {ip: '9.9.9.9'}
  const leaking = leakFinding({value: ip}, {asked: 2, told: new Map([['9.9.9.9', 2]])})
  const tight = leakFinding({value: ip}, {asked: 2, told: new Map([['1.1.1.1', 2]])})
  const untold = leakFinding({why: 'silent', says: 'no answer'}, {asked: 2, told: new Map()})
  const rules = (settings: Record<string, string>) =>
    ruleFindings({declared: new Map(Object.entries(settings)), running: undefined, lans: [], shared: []})
  const told = (before: Subject[], now: Subject[]) => healthAlert(healthChanges(troubles(...before), now, NOW), NOW)

  it('is told while the same subject has another bad finding, first and as urgent as can be', () => {
    const alert = told([gluetun(port, tight)], [gluetun(port, leaking)])
    expect(alert).toMatchObject({title: 'Homelab: traffic may bypass the VPN', priority: 5})
    expect(alert?.message).toMatch(/^- vpn\/gluetun \(leak\): the tunnel's address 9\.9\.9\.9 is this machine's own/)
    expect(told([gluetun(port, leaking)], [gluetun(port, leaking)])).toBeUndefined()
  })

  it.each<[string, Finding[]]>([
    ['a firewall that is off', rules({FIREWALL: 'off'})],
    ['everything let out beside the tunnel', rules({FIREWALL_OUTBOUND_SUBNETS: '0.0.0.0/0'})],
    ['names asked beside the tunnel', rules({DNS_SERVER: 'off', DNS_ADDRESS: '192.168.1.1', FIREWALL_OUTBOUND_SUBNETS: '192.168.1.0/24'})],
    ['a leak', [leaking]],
  ])('is %s', (_, findings) => {
    expect(told([gluetun(port)], [gluetun(port, ...findings)])).toMatchObject({priority: 5})
  })

  it('is a service that runs outside of the VPN, and not one that is cut off', () => {
    const bad = (networkMode: string) =>
      namespaceFindings(aWorld(torrent(), {containers: {sonarr: {networkMode}}}), 'gluetun').filter(({check}) => check === 'sonarr')
    const ill = finding('bad', 'no answer')
    const outside = bad('bridge')
    expect(outside).toMatchObject([{is: 'bad'}])
    expect(told([subject('sonarr', ill)], [subject('sonarr', ill, ...outside)])).toMatchObject({priority: 5})
    const cutOff = bad('container:gone')
    expect(cutOff).toMatchObject([{is: 'bad'}])
    expect(told([subject('sonarr', ill)], [subject('sonarr', ill, ...cutOff)])).toBeUndefined()
  })

  it('is over when it is seen to be, not when it cannot be checked any more', () => {
    const before = [gluetun(port, leaking)]
    const open = healthChanges(troubles(...before), [gluetun(port, untold)], NOW)
    expect([hasChanged(open), open.troubles.length]).toEqual([false, 2])
    const gone = healthChanges(troubles(...before), [gluetun(port)], NOW)
    expect([hasChanged(gone), gone.troubles.length]).toEqual([false, 2])
    expect(told(before, [gluetun(port, tight)])?.message).toMatch(/^- recovered: vpn\/gluetun \(leak\), after 60 minutes/)
  })

  it('that begins is no recovery of what could not be checked', () => {
    const alert = told([gluetun(untold)], [gluetun(leaking)])
    expect(alert?.priority).toBe(5)
    expect(alert?.message).not.toContain('recovered')
  })
})

describe('the message', () => {
  const alert = (before: Subject[], now: Subject[]) => healthAlert(healthChanges(troubles(...before), now, NOW), NOW)

  it('tells what is new, what is over, and what is left', () => {
    const other = subject('radarr', finding('bad', 'away'))
    expect(alert([well], [well])).toBeUndefined()
    expect(alert([], [ill])).toMatchObject({
      title: 'Homelab: 1 new problem',
      priority: 4,
      message: expect.stringContaining('- torrent/sonarr: no answer') as string,
    })
    expect(alert([ill], [well])).toMatchObject({
      title: 'Homelab: all is well again',
      message: '- recovered: torrent/sonarr, after 60 minutes',
    })
    expect(alert([ill, other], [well, other])).toMatchObject({title: 'Homelab: something recovered', tags: ['white_check_mark']})
    expect(alert([other], [ill, other])?.message).toContain('Wrong in all: torrent/sonarr, torrent/radarr')
  })
})
