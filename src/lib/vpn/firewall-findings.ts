import type {Finding} from '../model/finding.js'
import {firewallSetting, isOn, settingsThatDiffer, type Settings} from '../model/gateway-settings.js'

/** What the gateway's environment says of its firewall, against the networks that there are. */
type Rules = {
  /** What the running gateway was made with; undefined: none runs, and the Compose files count. */
  readonly running: Settings | undefined
  /** What the Compose files say. */
  readonly declared: Settings
  /** This machine's own IPv4 networks, CIDR. */
  readonly lans: readonly string[]
  /** Subnets of the networks that the gateway shares with others. */
  readonly shared: readonly string[]
}

/** Wider than a home's network ever is. */
const WIDE = 16

/** The rules that are in force, judged; and whether the Compose files say something else. Pure. */
export function ruleFindings(rules: Rules): Finding[] {
  const settings = rules.running ?? rules.declared
  const inForce = {...rules, settings}
  return [firewall(inForce), ...subnets(inForce), dns(inForce), mtu(inForce), ...differences(rules)]
}

type InForce = Rules & {readonly settings: Settings}

function differences({declared, running}: Rules): Finding[] {
  const differ = settingsThatDiffer(declared, running)
  if (differ.length === 0) return []
  const says = differ.map(({name, says: wanted, has}) => `${name}=${has} instead of ${wanted}`).join('; ')
  return [
    {
      is: 'warn',
      check: 'as declared',
      says: `the running container has ${says}: the Compose files say otherwise since it was made`,
      next: ['homelab stack <stack> up <gateway>'],
    },
  ]
}

function firewall({settings}: InForce): Finding {
  const check = 'firewall'
  const said = firewallSetting(settings)
  if (said === undefined) return {is: 'good', check, says: "on: Gluetun's own default (since v3.39)"}
  const {name, value, on} = said
  if (on) return {is: 'good', check, says: `on (${name})`}
  return {
    is: 'bad',
    check,
    says: `${name} is ${value}: nothing keeps traffic in when the tunnel drops`,
    next: [`Set ${name} to "on"`],
    danger: true,
  }
}

function subnets({settings, lans, shared}: InForce): Finding[] {
  const check = 'outbound'
  const key = 'FIREWALL_OUTBOUND_SUBNETS'
  const declared = (settings.get(key) ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  const broken = declared.filter((one) => parse(one) === undefined)
  if (broken.length > 0) return [{is: 'bad', check, says: `${key}: ${broken.join(', ')} is no subnet, like 192.168.1.0/24`}]
  const wide = declared.filter((one) => isTooWide(one))
  const missing = shared.filter((one) => !declared.some((other) => holds(other, one)))
  const strange = lans.length > 0 && !declared.some((one) => lans.some((lan) => holds(one, lan)))
  return [
    ...wide.map(tooWide),
    ...missing.map((one): Finding => ({
      is: 'bad',
      check,
      says: `${one}, the network of the other stacks, is not in ${key}: they get no answer`,
      next: ['Set MEDIA_SUBNET in compose/.env to it'],
    })),
    ...(strange
      ? [
          {
            is: 'warn' as const,
            check,
            says: `none of ${declared.join(', ') || 'nothing'} is this machine's own network (${lans.join(', ')})`,
            next: ['Set LAN_SUBNET in compose/.env'],
          },
        ]
      : []),
    ...(wide.length + missing.length === 0 && !strange
      ? [{is: 'good' as const, check, says: `beside the tunnel only ${declared.join(', ') || 'nothing'}`}]
      : []),
  ]
}

const tooWide = (one: string): Finding => ({
  is: isEverything(one) ? 'bad' : 'warn',
  check: 'outbound',
  says: `${one} is wider than a home's network: all of it may be reached beside the tunnel`,
  next: ['Narrow it: FIREWALL_OUTBOUND_SUBNETS, by LAN_SUBNET and MEDIA_SUBNET in compose/.env'],
  ...(isEverything(one) && {danger: true}),
})

function dns({settings}: InForce): Finding {
  const check = 'DNS rule'
  const address = settings.get('DNS_ADDRESS')
  if (isOn(settings.get('DNS_SERVER') ?? 'on')) return {is: 'good', check, says: "Gluetun's own server asks, encrypted, through the tunnel"}
  if (address === undefined) return {is: 'warn', check, says: 'DNS_SERVER is off and no DNS_ADDRESS is set: what Docker hands on is asked'}
  const outside = (settings.get('FIREWALL_OUTBOUND_SUBNETS') ?? '').split(',').some((one) => holds(one.trim(), `${address}/32`))
  if (outside)
    return {
      is: 'bad',
      check,
      says: `${address} is asked beside the tunnel: whoever runs it sees every name`,
      next: ['Set DNS_ADDRESS to one of the internet, like 1.1.1.1'],
      danger: true,
    }
  return {is: 'good', check, says: `${address}, through the tunnel`}
}

function mtu({settings}: InForce): Finding {
  const check = 'MTU'
  const said = settings.get('WIREGUARD_MTU')
  if (said === undefined) return {is: 'good', check, says: "Gluetun's own"}
  const value = Number(said)
  if (value >= 1280 && value <= 1440) return {is: 'good', check, says: said}
  return {
    is: 'warn',
    check,
    says: `${said} is ${value < 1280 ? 'less than IPv6 needs (1280)' : 'more than fits into WireGuard (1440)'}`,
    next: ['Set WIREGUARD_MTU in compose/.env to 1280'],
  }
}

type Subnet = {readonly from: number; readonly bits: number}

function parse(text: string): Subnet | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text)
  if (match === null) return undefined
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number)
  if ([a, b, c, d].some((part) => part > 255) || bits > 32) return undefined
  return {from: network(((a * 256 + b) * 256 + c) * 256 + d, bits), bits}
}

const network = (address: number, bits: number): number => Math.floor(address / 2 ** (32 - bits)) * 2 ** (32 - bits)

/** Whether all of `inner` is in `outer`. */
function holds(outer: string, inner: string): boolean {
  const [wide, narrow] = [parse(outer), parse(inner)]
  return wide !== undefined && narrow !== undefined && wide.bits <= narrow.bits && network(narrow.from, wide.bits) === wide.from
}

const isTooWide = (text: string): boolean => (parse(text)?.bits ?? 32) < WIDE
const isEverything = (text: string): boolean => (parse(text)?.bits ?? 32) < 8
