import type {DeclaredService, DeclaredStack, Dependency, SharedNetwork} from '../../../src/lib/model/stack.js'

/** A service as a test writes it: what it does not say is the ordinary. */
export type ServiceWords = Partial<Omit<DeclaredService, 'name' | 'dependsOn'>> & {
  /** "sonarr" or "sonarr healthy" */
  readonly needs?: readonly string[]
}

export function aService(name: string, {needs = [], ...words}: ServiceWords = {}): DeclaredService {
  return {
    name,
    image: `example.org/${name}:1`,
    built: false,
    gateway: undefined,
    active: true,
    restarts: true,
    networks: [],
    labels: new Map(),
    binds: [],
    ...words,
    dependsOn: needs.map(toDependency),
  }
}

function toDependency(text: string): Dependency {
  const [service = '', how] = text.split(' ')
  return {service, condition: how === 'healthy' ? 'service_healthy' : how === 'done' ? 'service_completed_successfully' : 'service_started'}
}

export function aStack(
  services: Record<string, ServiceWords>,
  name = 'torrent',
  sharedNetworks: readonly SharedNetwork[] = [],
): DeclaredStack {
  return {
    name,
    project: name,
    files: [`/homelab/compose/${name}.yml`],
    services: new Map(Object.entries(services).map(([service, words]) => [service, aService(service, words)])),
    sharedNetworks,
    ownNetworks: [`${name}_default`],
  }
}

/** A gateway, two dependents and one that has nothing to do with it. */
export const torrent = (words: {readonly gluetun?: ServiceWords} = {}): DeclaredStack =>
  aStack({
    gluetun: words.gluetun ?? {},
    qbittorrent: {gateway: 'gluetun'},
    sonarr: {gateway: 'gluetun', needs: ['qbittorrent']},
    watcher: {},
  })
