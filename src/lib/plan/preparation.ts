import type {SharedNetwork} from '../model/declared.js'
import {configurationError, OperatorError} from '../model/operator-error.js'
import type {Stage, Step} from '../model/plan.js'
import {firstStartSteps} from './first-start/first-start.js'
import type {Treatment} from './treatment.js'
import type {World} from './world.js'

/** What has to be there before containers are created. */
export function preparation(world: World, treatments: readonly Treatment[], library: readonly string[] = []): Stage[] {
  const first = treatments.filter(({action}) => action === 'create').map(({service}) => service)
  const creating = treatments.filter(({action}) => action === 'create' || action === 'recreate').map(({service}) => service)
  return [[...missingNetworks(world, treatments), ...firstStartSteps(world, first, library)], missingImages(world, creating)].filter(
    (stage) => stage.length > 0,
  )
}

/** @throws OperatorError if a network is missing that the files do not let us create. */
function missingNetworks(world: World, treatments: readonly Treatment[]): Step[] {
  const used = new Set(treatments.flatMap(({service}) => world.stack.services.get(service)?.networks ?? []))
  world.stack.sharedNetworks.filter(({name}) => used.has(name)).forEach((network) => refuseOtherSubnet(network, world))
  return world.stack.sharedNetworks
    .filter(({name}) => used.has(name) && !world.observed.networks.has(name))
    .map(({name, subnet}) => {
      if (subnet === undefined) throw unknownNetwork(world.stack.name, name)
      return {action: 'create-network', target: name, reason: 'the stacks share it, and it is missing', needs: [], subnet}
    })
}

/** The gateway's firewall lets out to the declared subnet: it must be the one that is there. */
function refuseOtherSubnet({name, subnet}: SharedNetwork, {observed}: World): void {
  const present = observed.subnets?.get(name) ?? []
  if (subnet === undefined || present.length === 0 || present.includes(subnet)) return
  throw configurationError(`The network ${name} has the subnet ${present.join(', ')}, and ${subnet} is declared. Nothing was done.`, [
    `Declare what is there: MEDIA_SUBNET=${present[0]} in compose/.env`,
    `or have it made anew: homelab stack all down, then docker network rm ${name}, then up`,
  ])
}

const unknownNetwork = (stack: string, name: string): OperatorError =>
  new OperatorError(`The stack ${stack} joins the external network "${name}", which does not exist. Nothing was done.`, {
    next: [
      `Create it: docker network create ${name}`,
      `or let homelab do it: declare its subnet in the Compose file, under "x-homelab: networks: ${name}: subnet:"`,
    ],
  })

function missingImages(world: World, services: readonly string[]): Step[] {
  return services.flatMap((name) => {
    const service = world.stack.services.get(name)
    if (service?.image === undefined || service.built) return []
    if (world.observed.images.get(service.image)?.id !== undefined) return []
    return [{action: 'pull', target: name, reason: 'its image is not on this machine', needs: [], image: service.image}]
  })
}
