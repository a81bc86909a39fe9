import {describe, expect, it} from 'vitest'
import {ruleFindings} from '../../../src/lib/vpn/firewall-findings.js'

const SETTINGS = {
  FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT: 'on',
  FIREWALL_OUTBOUND_SUBNETS: '192.168.1.0/24,172.19.0.0/16',
  DNS_SERVER: 'off',
  DNS_ADDRESS: '1.1.1.1',
  WIREGUARD_MTU: '1280',
}
type Words = Record<string, string | undefined>
const map = (words: Words) =>
  new Map(Object.entries({...SETTINGS, ...words}).filter((pair): pair is [string, string] => pair[1] !== undefined))
/** @param running What the container has; without it: it does not run. */
const told = (settings: Words = {}, running?: Words) => {
  const rules = {declared: map(settings), running: running && map(running), lans: ['192.168.1.5/24'], shared: ['172.19.0.0/16']}
  return ruleFindings(rules).map(({is, check, says}) => `${is} ${check}: ${says}`)
}

describe('the rules of a gateway that runs', () => {
  const OFF = {FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT: 'off'}

  it('are those that it was made with, also where the Compose files say that the firewall is on', () => {
    const found = told({}, OFF)
    expect(found[0]).toMatch(/^bad firewall: FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT is off/)
    expect(found.at(-1)).toBe(
      'warn as declared: the running container has FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT=off instead of on: the Compose files say otherwise since it was made',
    )
  })

  it('are well while it runs with them, and it is told that the Compose files say otherwise', () => {
    const found = told(OFF, {})
    expect(found[0]).toMatch(/^good firewall/)
    expect(found.at(-1)).toMatch(/^warn as declared: .*=on instead of off/)
  })

  it('are not said to differ in what the files do not set', () => {
    expect(told({}, {VPN_PORT_FORWARDING: 'on'}).join()).not.toContain('as declared')
  })
})

describe('the declared rules', () => {
  it('are well as the architecture has them', () => {
    expect(told()).toEqual([
      'good firewall: on (FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT)',
      'good outbound: beside the tunnel only 192.168.1.0/24, 172.19.0.0/16',
      'good DNS rule: 1.1.1.1, through the tunnel',
      'good MTU: 1280',
    ])
  })

  it.each([
    [{FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT: 'off'}, /^bad firewall: .* is off/],
    [{FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT: undefined, FIREWALL: 'off'}, /^bad firewall: FIREWALL is off/],
    [{FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT: undefined}, /^good firewall: on: Gluetun's own default/],
    ...['true', 'yes', 'enabled', '1'].map(
      (value) => [{FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT: value}, /^good firewall: on/] as [Words, RegExp],
    ),
    [{DNS_SERVER: 'no', DNS_ADDRESS: undefined}, /^warn DNS rule/],
    [{FIREWALL_OUTBOUND_SUBNETS: '192.168.1.0/24,172.16.0.0/12'}, /^warn outbound: 172\.16\.0\.0\/12 is wider/],
    [{FIREWALL_OUTBOUND_SUBNETS: '0.0.0.0/0'}, /^bad outbound: 0\.0\.0\.0\/0 is wider/],
    [{FIREWALL_OUTBOUND_SUBNETS: '192.168.1.0/24'}, /^bad outbound: 172\.19\.0\.0\/16, the network of the other stacks, is not in/],
    [{FIREWALL_OUTBOUND_SUBNETS: '192.168.2.0/24,172.19.0.0/16'}, /^warn outbound: none of .* is this machine's own network/],
    [{FIREWALL_OUTBOUND_SUBNETS: '192.168.1.0'}, /^bad outbound: .*192\.168\.1\.0 is no subnet/],
    [{FIREWALL_OUTBOUND_SUBNETS: '300.1.1.0/24'}, /^bad outbound: .*is no subnet/],
    [{DNS_ADDRESS: '192.168.1.1'}, /^bad DNS rule: 192\.168\.1\.1 is asked beside the tunnel/],
    [{DNS_ADDRESS: undefined}, /^warn DNS rule/],
    [{DNS_SERVER: undefined}, /^good DNS rule: Gluetun's own/],
    [{WIREGUARD_MTU: '1500'}, /^warn MTU: 1500 is more than fits/],
    [{WIREGUARD_MTU: '576'}, /^warn MTU: 576 is less than/],
    [{WIREGUARD_MTU: undefined}, /^good MTU: Gluetun's own/],
  ])('with %j', (settings, expected) => {
    expect(told(settings)).toContainEqual(expect.stringMatching(expected))
  })
})
