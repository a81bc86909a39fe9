import {networkInterfaces} from 'node:os'

/** Interfaces that are Docker's, a VPN's, or of a virtual machine: no LAN of this machine. */
const VIRTUAL = /^(lo|docker|br-|veth|virbr|tun|tap|wg|tailscale|zt)/

/** The IPv4 networks that this machine itself is in, CIDR. */
export function ownLans(): string[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) => (VIRTUAL.test(name) ? [] : addresses))
  return all.flatMap(({family, internal, cidr}) => (family === 'IPv4' && !internal && cidr !== null ? [cidr] : []))
}
