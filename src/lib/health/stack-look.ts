import type {DiagnosedEngine} from '../engine/engine.js'
import {dependentsOf, gatewaysOf, type DeclaredService} from '../model/declared.js'
import type {Finding, Subject} from '../model/finding.js'
import {stackStatus, type ServiceStatus} from '../model/status.js'
import type {World} from '../plan/world.js'
import {namespaceFindings} from '../vpn/namespace-findings.js'
import {probe} from './probe.js'
import {probeTarget} from './probe-target.js'
import {LATELY_MS, serviceSubject} from './service-findings.js'

type StackLook = {
  readonly engine: DiagnosedEngine
  readonly signal: AbortSignal
  /** Milliseconds for one probe. */
  readonly limit: number
  readonly now: number
  readonly age: (milliseconds: number) => string
}

/** Every service of one stack, all asked at once. */
export async function stackSubjects(world: World, look: StackLook): Promise<Subject[]> {
  const {stack} = world
  const {services} = stackStatus(world, [...stack.services.keys()])
  const namespaces = namespacesOf(world)
  const past = look.engine.past(stack.project, look.now - LATELY_MS, look.signal).catch(() => [])
  const subjects = await Promise.all(
    services.map(async (status) => {
      const [found, made, events] = await Promise.all([
        probeOf(status, stack.services.get(status.service), world, look),
        imageMade(status, look),
        past,
      ])
      const oomKills = events.filter(({action, container}) => action === 'oom' && container === status.container?.id).length
      const view = {stack: stack.name, status, namespace: namespaces.get(status.service), probe: found, imageMade: made, oomKills}
      return serviceSubject(view, look)
    }),
  )
  return subjects.filter((subject) => subject !== undefined)
}

function namespacesOf({stack, observed}: World): ReadonlyMap<string, Finding> {
  const all = gatewaysOf(stack).flatMap((gateway) => {
    const names = dependentsOf(stack, gateway).map(({name}) => name)
    return namespaceFindings({stack, observed}, gateway).filter(({check}) => names.includes(check))
  })
  return new Map(all.map((finding) => [finding.check, {...finding, check: 'namespace'}]))
}

async function probeOf({container}: ServiceStatus, service: DeclaredService | undefined, world: World, {signal, limit}: StackLook) {
  if (service === undefined || container?.state !== 'running') return undefined
  const target = probeTarget(service, world.observed.containers)
  return target && probe(target, {signal, limit})
}

/** Its age is for people; without it nothing is wrong. */
async function imageMade({container}: ServiceStatus, {engine, signal}: StackLook): Promise<number | undefined> {
  if (container === undefined) return undefined
  return (await engine.image(container.imageId, signal).catch(() => undefined))?.created
}
