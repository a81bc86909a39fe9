import {networkInterfaces} from 'node:os'
import {execa} from 'execa'
import {claim} from './claims.js'
import type {Engine} from './remove-lab.js'

/**
 * A /24 in 10.0.0.0/8 that neither Docker nor this machine's interfaces use, nor another lab that is just being made.
 * @param env Says which Docker is meant.
 */
export async function freeSubnet(env: Engine): Promise<string> {
  const taken = [...(await dockerSubnets(env)), ...interfaceSubnets()]
  for (let tries = 0; tries < 200; tries++) {
    const subnet = `10.${64 + Math.floor(Math.random() * 150)}.${Math.floor(Math.random() * 256)}.0/24`
    if (taken.every((other) => !overlap(subnet, other)) && (await claim(`subnet ${subnet}`))) return subnet
  }
  throw new Error('no free subnet in 10.0.0.0/8')
}

async function dockerSubnets(env: Engine): Promise<string[]> {
  const {stdout} = await execa('docker', ['network', 'ls', '-q'], {env})
  const ids = stdout.split('\n').filter((id) => id !== '')
  if (ids.length === 0) return []
  const format = '{{range .IPAM.Config}}{{.Subnet}} {{end}}'
  const inspected = await execa('docker', ['network', 'inspect', '--format', format, ...ids], {env, reject: false})
  return inspected.stdout.split(/\s+/).filter((subnet) => subnet.includes('.'))
}

const interfaceSubnets = (): string[] =>
  Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).flatMap(({family, cidr}) => (family === 'IPv4' && cidr ? [cidr] : [])),
  )

function overlap(one: string, other: string): boolean {
  const [a, b] = [parse(one), parse(other)]
  const bits = Math.min(a.bits, b.bits)
  return bits === 0 || a.address >>> (32 - bits) === b.address >>> (32 - bits)
}

function parse(cidr: string): {address: number; bits: number} {
  const [address = '', bits = '32'] = cidr.split('/')
  return {address: address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0), bits: Number(bits)}
}
