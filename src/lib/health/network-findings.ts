import type {SharedNetwork} from '../model/declared.js'
import type {Finding} from '../model/finding.js'

/** The networks that the stacks share: there, and with the subnet that the firewall lets through. Pure. */
export function networkFindings(shared: readonly SharedNetwork[], subnets: ReadonlyMap<string, readonly string[]>): Finding[] {
  const wanted = new Map(shared.map((network) => [network.name, network.subnet]))
  return [...wanted].map(([name, subnet]): Finding => {
    const there = subnets.get(name)
    if (there === undefined) return {is: 'bad', check: name, says: 'there is no such network', next: ['homelab stack all up creates it']}
    if (subnet === undefined || there.includes(subnet)) return {is: 'good', check: name, says: there.join(', ')}
    return {
      is: 'bad',
      check: name,
      says: `its subnet is ${there.join(', ') || 'not known'}, the files say ${subnet}: the firewall lets through the wrong one`,
      next: [
        `Set MEDIA_SUBNET in compose/.env to ${there[0] ?? subnet}`,
        `or make it anew: homelab stack all down, docker network rm ${name}`,
      ],
    }
  })
}
