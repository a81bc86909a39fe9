import type {DiagnosedEngine} from '../docker/engine.js'
import type {Finding, Subject} from '../model/finding.js'
import {dependentsOf, gatewaysOf, type DeclaredService} from '../model/stack.js'
import {probe, probeTarget, type ProbeResult} from '../stack/probe.js'
import type {World} from '../stack/snapshot.js'
import {stackStatus, type ServiceStatus} from '../stack/status.js'
import {namespaceFindings} from '../vpn/namespace-findings.js'

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

/** What is known of one service beside its state. */
type ServiceView = {
  readonly stack: string
  readonly status: ServiceStatus
  /** Whether it is where the Compose files put it; undefined: it is behind no gateway. */
  readonly namespace: Finding | undefined
  /** undefined: no label asks for one. */
  readonly probe: ProbeResult | undefined
  /** When its image was made, epoch milliseconds. */
  readonly imageMade: number | undefined
  /** OOM kills lately. */
  readonly oomKills: number
}

type Words = {
  /** Epoch milliseconds. */
  readonly now: number
  /** "3 hours" of milliseconds. */
  readonly age: (milliseconds: number) => string
}

/** What "lately" is, milliseconds. */
const LATELY_MS = 3_600_000
/** So many restarts by Docker, the last one lately, are a loop. */
const LOOP = 3

/** One service, judged. Pure. undefined: it need not run, and does not. */
export function serviceSubject(view: ServiceView, words: Words): Subject | undefined {
  const {stack, status} = view
  if (status.verdict === 'idle') return undefined
  const runs = status.container?.state === 'running'
  const findings = [
    ofContainer(view, words),
    ...(runs && view.namespace !== undefined ? [view.namespace] : []),
    ...(runs && view.probe !== undefined ? [ofProbe(view.probe, stack, status.service)] : []),
    ...restarts(view, words),
    ...oomKills(view),
    ...(view.imageMade === undefined ? [] : [image(view.imageMade, words)]),
  ]
  return {area: stack, subject: status.service, findings}
}

function ofContainer({stack, status: {service, verdict, says, container, next, unconfigured}}: ServiceView, {now, age}: Words): Finding {
  const check = 'container'
  const up = container === undefined || container.startedAt === 0 ? '' : `, up ${age(now - container.startedAt)}`
  if (verdict === 'good') return {is: 'good', check, says: says + up}
  if (unconfigured !== undefined)
    return {is: 'warn', check, says, next: [`nano ${unconfigured}`, `homelab stack ${stack} restart ${service}`]}
  if (verdict === 'waiting') return {is: 'warn', check, says}
  const again = container?.state === 'running' ? `homelab stack ${stack} restart ${service}` : `homelab stack ${stack} up ${service}`
  const logs = container === undefined ? [] : [`homelab stack ${stack} logs -n 50 ${service}`]
  return {is: 'bad', check, says: says + complaint(container), next: next ?? [...logs, again]}
}

/** What its health check says, if that is what is wrong. */
function complaint(container: ServiceStatus['container']): string {
  if (container?.health !== 'unhealthy' || !container.healthOutput) return ''
  return `; its health check says: ${lastLine(container.healthOutput)}`
}

const lastLine = (text: string): string => (text.trim().split('\n').at(-1) ?? '').slice(0, 300)

function ofProbe({ok, asked, says, late}: ProbeResult, stack: string, service: string): Finding {
  if (ok) return {is: 'good', check: 'probe', says: `${asked} ${says}`}
  return {is: 'bad', check: 'probe', says: `${asked}: ${says}`, next: [`homelab stack ${stack} logs -n 50 ${service}`], ...(late && {late})}
}

/** By Docker's restart policy: what a person or a cascade restarts does not count. */
function restarts({stack, status: {service, container, unconfigured}}: ServiceView, {now, age}: Words): Finding[] {
  if (container === undefined || unconfigured !== undefined || container.restarts === 0 || now - container.startedAt > LATELY_MS) return []
  const times = container.restarts === 1 ? 'once' : `${container.restarts} times`
  const says = `Docker restarted it ${times}, lastly ${age(Math.max(0, now - container.startedAt))} ago`
  const next = [`homelab stack ${stack} logs -n 100 ${service}`]
  return [{is: container.restarts >= LOOP ? 'bad' : 'warn', check: 'restarts', says, next}]
}

function oomKills({stack, status: {service, container}, oomKills: kills}: ServiceView): Finding[] {
  if (kills === 0 && container?.oomKilled === undefined) return []
  const times = kills <= 1 ? '' : ` ${kills} times`
  const says = `it ran out of memory${times} within the last hour: the kernel killed it, or a part of it`
  return [{is: 'bad', check: 'memory', says, next: ['free -h', `docker stats --no-stream`, `homelab stack ${stack} logs -n 50 ${service}`]}]
}

const image = (made: number, {now, age}: Words): Finding => ({
  is: 'good',
  check: 'image',
  says: `image ${age(Math.max(0, now - made))} old`,
})
