import {gatewayCondition} from '../model/gateway.js'
import type {Incarnation, Stage, Step} from '../model/plan.js'
import type {World} from '../stack/snapshot.js'
import type {Diagnosis} from './diagnose.js'

type Limits = {
  /** Seconds for a gateway, and for what is behind it, to become healthy. */
  readonly gateway: number
  readonly verify: number
}

/** What can be done now, and what will be left to do after it. */
type CascadeStages = {
  readonly now: readonly Stage[]
  /** The wait for the gateways in between; empty: nothing has to be waited for. */
  readonly gate: Stage
  readonly later: readonly Stage[]
}

/**
 * Side by side what can be: first everything that must not run is stopped, then new containers are made, then what may
 * start is started; at the end it is all waited for. @param now Epoch milliseconds.
 */
export function cascadeStages(world: World, diagnoses: readonly Diagnosis[], limits: Limits, now: number): CascadeStages {
  const acted = diagnoses.filter(({course}) => course.length > 0)
  const gated = acted.filter(({course}) => course.includes('gate'))
  const before = acted.map((diagnosis) => ({...diagnosis, course: beforeGate(diagnosis.course)}))
  const after = gated.map((diagnosis) => ({...diagnosis, course: diagnosis.course.slice(diagnosis.course.indexOf('gate') + 1)}))
  const present = readyGateways(world, diagnoses, now)
  const later = [...stages(world, after, present), verifyStage(world, acted, limits)]
  return {now: stages(world, before, present), gate: gates(gated, limits), later: later.filter((stage) => stage.length > 0)}
}

/** The wait for what was started: healthy, and where it belongs. */
export function verifyStage(world: World, diagnoses: readonly Diagnosis[], limits: Limits): Stage {
  return diagnoses.map(({service, gateway}): Step => {
    const behind = gateway === undefined ? undefined : incarnation(world, gateway)
    return {
      action: 'wait',
      target: service,
      reason: gateway === undefined ? 'a start is only done when it is healthy' : `healthy, in the network namespace of ${gateway}`,
      needs: [],
      limit: gateway === undefined ? limits.gateway : limits.verify,
      ...(behind && {behind}),
    }
  })
}

const beforeGate = (course: Diagnosis['course']): Diagnosis['course'] =>
  course.slice(0, course.includes('gate') ? course.indexOf('gate') : course.length)

const gates = (gated: readonly Diagnosis[], limits: Limits): Step[] =>
  [...new Set(gated.flatMap(({gateway}) => gateway ?? []))].map((target) => ({
    action: 'wait',
    target,
    reason: 'nothing starts behind it before its tunnel and firewall are up',
    needs: [],
    limit: limits.gateway,
  }))

function stages(world: World, diagnoses: readonly Diagnosis[], present: ReadonlyMap<string, Incarnation>): Stage[] {
  const steps = (action: 'stop' | 'replace' | 'start' | 'restart'): Step[] =>
    diagnoses
      .filter(({course}) => course.includes(action))
      .map((diagnosis) => toStep(world, action, diagnosis, present.get(diagnosis.gateway ?? '')))
  return [steps('stop'), steps('replace'), [...steps('start'), ...steps('restart')]].filter((stage) => stage.length > 0)
}

function toStep(
  world: World,
  action: Step['action'],
  {service, gateway, course, reason}: Diagnosis,
  behind: Incarnation | undefined,
): Step {
  // After `replace` it is another container, whose id nobody knows yet.
  const container = action === 'start' && course.includes('replace') ? undefined : world.observed.containers.get(service)?.id
  const starts = action === 'start' || action === 'restart'
  return {
    action,
    target: service,
    reason,
    needs: starts && gateway !== undefined ? [gateway] : [],
    ...(container !== undefined && {container}),
    ...(starts && behind && {behind}),
  }
}

/** The present starts of the gateways that are ready. */
function readyGateways(world: World, diagnoses: readonly Diagnosis[], now: number): Map<string, Incarnation> {
  const names = [...new Set(diagnoses.flatMap(({gateway}) => gateway ?? []))]
  const ready = names.filter((name) => gatewayCondition(world.observed.containers.get(name), now) === 'ready')
  return new Map(ready.flatMap((name) => incarnation(world, name) ?? []).map((one) => [one.service, one]))
}

function incarnation({observed}: World, service: string): Incarnation | undefined {
  const container = observed.containers.get(service)
  return container && {service, container: container.id, startedAt: container.startedAt}
}
