import {attachment, foreignHost, leftAs} from '../model/gateway.js'
import {dependentsOf, type DeclaredStack} from '../model/stack.js'
import type {Finding} from '../model/finding.js'
import {repositoryOf} from '../model/image.js'
import {isUp, type ObservedContainer, type ObservedStack} from '../model/container.js'

type World = {readonly stack: DeclaredStack; readonly observed: ObservedStack}

/** The gateway itself. Pure. @param now Epoch milliseconds. @param since In words, how long. */
export function gatewayFinding(
  stack: string,
  gateway: string,
  container: ObservedContainer | undefined,
  since: (milliseconds: number) => string,
  now: number,
): Finding {
  const check = gateway
  if (container === undefined) return {is: 'bad', check, says: 'it has no container', next: [`homelab stack ${stack} up ${gateway}`]}
  if (!isUp(container)) return {is: 'bad', check, says: `it is ${container.state}`, next: [`homelab stack ${stack} up ${gateway}`]}
  const up = `up ${since(now - container.startedAt)}, ${container.image}`
  if (container.health === 'healthy') return {is: 'good', check, says: `healthy, ${up}`}
  if (container.health === 'none') return {is: 'unknown', check, says: `it has no health check; ${up}`}
  return {is: container.health === 'starting' ? 'warn' : 'bad', check, says: `${container.health}, ${up}`, next: ['homelab vpn logs -n 50']}
}

/** For everybody whom the Compose files put behind the gateway, the proof that they are there. Pure. */
export function namespaceFindings({stack, observed}: World, gateway: string): Finding[] {
  const host = observed.containers.get(gateway)
  return dependentsOf(stack, gateway).flatMap(({name}) => {
    const container = observed.containers.get(name)
    return container === undefined ? [] : [ofDependent(stack.name, name, container, gateway, host)]
  })
}

function ofDependent(
  stack: string,
  check: string,
  container: ObservedContainer,
  gateway: string,
  host: ObservedContainer | undefined,
): Finding {
  if (!container.networkMode.startsWith('container:')) {
    const says = `it runs outside of the VPN, in the network ${container.networkMode}, and the Compose files put it behind ${gateway}`
    return isUp(container)
      ? {is: 'bad', check, says, next: [`homelab stack ${stack} stop ${check}`, `homelab stack ${stack} up ${check}`], danger: true}
      : {is: 'warn', check, says: `it does not run; ${says}`, next: [`homelab stack ${stack} up ${check}`]}
  }
  const how = attachment(container, host)
  if (!isUp(container)) return {is: 'warn', check, says: `it does not run (${container.state})`}
  if (how === 'stale')
    return {
      is: 'bad',
      check,
      says: `cut off: ${gateway} ${leftAs(host)}`,
      next: [`homelab cascade ${stack}`],
    }
  if (how === 'orphaned')
    return {is: 'bad', check, says: `cut off: it belongs to a ${gateway} that is gone`, next: [`homelab cascade ${stack}`]}
  if (how === 'down') return {is: 'warn', check, says: `it does not run (${container.state})`}
  if (container.namespace !== undefined && host?.namespace !== undefined)
    return {is: 'good', check, says: `in ${gateway}'s namespace, says the kernel: ${container.namespace}`}
  return {is: 'good', check, says: `in ${gateway}'s namespace, by container id and start time (the kernel tells root alone)`}
}

/** Names that images of torrent clients have. */
const CLIENTS = /(^|[-_/])(qbittorrent|transmission|deluge|rtorrent|rutorrent|aria2|vuze|biglybt)($|[-_])/

/** What it has joined belongs to no service of its stack, and is not looked at. */
const inForeign = (stack: string, check: string, host: string): Finding => ({
  is: 'unknown',
  check,
  says: `a torrent client in the network namespace of ${host}, which is not in ${stack}: whether that is a VPN was not checked`,
  next: [
    'Declare it in one Compose file with its gateway, with: network_mode: service:<gateway>',
    'Or merge both files into one stack, in homelab.yml: stacks: {media: {files: [vpn.yml, downloads.yml]}}',
  ],
})

/** Torrent clients that run and that no Compose file puts behind a gateway. Pure. */
export function exposedClients(worlds: readonly World[]): Finding[] {
  return worlds.flatMap(({stack, observed}) =>
    [...stack.services.values()].flatMap(({name, image, gateway}): Finding[] => {
      const client = CLIENTS.test(repositoryOf(image ?? '').toLowerCase())
      const container = observed.containers.get(name)
      if (!client || gateway !== undefined || !isUp(container)) return []
      const host = container && foreignHost(container, observed)
      if (host !== undefined) return [inForeign(stack.name, name, host.container?.name ?? 'a container that is gone')]
      const says = `a torrent client that is not behind the VPN: nothing says "network_mode: service:<gateway>" in ${stack.name}`
      return [{is: 'bad', check: name, says, next: [`homelab stack ${stack.name} stop ${name}`], danger: true}]
    }),
  )
}
