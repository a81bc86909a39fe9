import type Docker from 'dockerode'
import {isConflict, isNotFound} from '../errors.js'

type Networks = {
  /** Subnets by name. */
  readonly all: ReadonlyMap<string, string[]>
  /** Names of those that Compose made for the project. */
  readonly own: string[]
  /** When the default network was made, which is at each start of the daemon; epoch milliseconds. */
  readonly daemonStartedAt: number | undefined
}

const OURS = 'io.homelab.created'

/** All networks by name, and those that Compose made for `project`. */
export async function observeNetworks(docker: Docker, project: string, abortSignal: AbortSignal): Promise<Networks> {
  const listed = await docker.listNetworks({abortSignal})
  const own = listed.filter((network) => network.Labels?.['com.docker.compose.project'] === project)
  const all = new Map(listed.map(({Name, IPAM}) => [Name, (IPAM?.Config ?? []).flatMap(({Subnet}) => Subnet ?? [])]))
  const created = Date.parse(listed.find(({Name}) => Name === 'bridge')?.Created ?? '')
  return {all, own: own.map(({Name}) => Name), daemonStartedAt: Number.isNaN(created) ? undefined : created}
}

/** Two stacks brought up side by side may both find it missing: that it exists by now is as good as having created it. */
export async function createNetwork(docker: Docker, name: string, subnet: string): Promise<void> {
  try {
    await docker.createNetwork({Name: name, Driver: 'bridge', IPAM: {Config: [{Subnet: subnet}]}, Labels: {[OURS]: 'true'}})
  } catch (error) {
    if (!isConflict(error) || /overlap/i.test(String(error))) throw error
  }
}

/** Never removes what somebody else made, or what any container, running or not, still refers to. */
export async function removeNetwork(docker: Docker, name: string, project: string): Promise<{removed: boolean; why: string}> {
  const network = docker.getNetwork(name)
  try {
    const {Labels} = (await network.inspect()) as {Labels?: Record<string, string>}
    const ours = Labels?.[OURS] !== undefined || Labels?.['com.docker.compose.project'] === project
    if (!ours) return {removed: false, why: 'kept: somebody else made it'}
    const users = await docker.listContainers({all: true, filters: {network: [name]}})
    if (users.length > 0) return {removed: false, why: `kept: ${users.length} containers of other stacks use it`}
    await network.remove()
    return {removed: true, why: 'removed'}
  } catch (error) {
    if (isNotFound(error)) return {removed: false, why: 'it is gone already'}
    if (/active endpoints/i.test(String(error))) return {removed: false, why: 'kept: another stack uses it'}
    throw error
  }
}

/** This machine's own address in a network. */
export async function networkGateway(docker: Docker, name: string): Promise<string | undefined> {
  try {
    const {IPAM} = (await docker.getNetwork(name).inspect()) as {IPAM?: {Config?: {Gateway?: string; Subnet?: string}[]}}
    const [first] = IPAM?.Config ?? []
    return first?.Gateway ?? firstAddress(first?.Subnet)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** Where nothing else was said Docker takes the first address of the subnet, and before 28 does not always tell it. */
const firstAddress = (subnet: string | undefined): string | undefined =>
  /^(\d+\.\d+\.\d+\.)(\d+)\//
    .exec(subnet ?? '')
    ?.slice(1, 3)
    .map((part, index) => (index === 0 ? part : String(Number(part) + 1)))
    .join('')
