import fc from 'fast-check'
import type {DeclaredStack} from '../../src/lib/model/stack.js'
import type {ContainerState, Health, ObservedContainer} from '../../src/lib/model/container.js'
import type {World} from '../../src/lib/stack/snapshot.js'
import {aWorld, STARTED} from '../support/unit/observed.js'
import {aStack, type ServiceWords} from '../support/unit/stack.js'

const GATEWAY = 'vpn'

/** A gateway, up to five dependents and three others; each may need any that stands before it. */
const stacks: fc.Arbitrary<DeclaredStack> = fc
  .record({dependents: fc.integer({min: 0, max: 5}), others: fc.integer({min: 0, max: 3}), gatewayFirst: fc.boolean()})
  .chain(({dependents, others, gatewayFirst}) => {
    const behind = Array.from({length: dependents}, (_, index) => `behind${index}`)
    const beside = Array.from({length: others}, (_, index) => `beside${index}`)
    const names = gatewayFirst ? [GATEWAY, ...beside, ...behind] : [...beside, GATEWAY, ...behind]
    return fc
      .tuple(...names.map((name, place) => service(name, names.slice(0, place))))
      .map((services) => aStack(Object.fromEntries(services)))
  })

function service(name: string, earlier: readonly string[]): fc.Arbitrary<[string, ServiceWords]> {
  const needs = fc
    .subarray([...earlier], {maxLength: Math.min(2, earlier.length)})
    .chain((names) => fc.tuple(...names.map((other) => fc.constantFrom(other, `${other} healthy`))))
  return needs.map((needed) => [name, {needs: needed, ...(name.startsWith('behind') ? {gateway: GATEWAY} : {})}])
}

const states: fc.Arbitrary<ContainerState> = fc.constantFrom('running', 'running', 'running', 'exited', 'created', 'paused', 'restarting')
const healths: fc.Arbitrary<Health> = fc.constantFrom('healthy', 'healthy', 'starting', 'unhealthy')

function container(name: string): fc.Arbitrary<Partial<ObservedContainer> | null> {
  const words = fc.record({
    state: states,
    health: healths,
    drifted: fc.boolean(),
    // Older than its gateway's start, or younger.
    startedAt: fc.constantFrom(STARTED - 5_000, STARTED),
    network: fc.constantFrom('id', 'id', 'gone'),
    ended: fc.boolean(),
  })
  const one = words.map(({state, health, drifted, startedAt, network, ended}) => ({
    state,
    health: state === 'running' ? health : ('none' as const),
    startedAt: name === GATEWAY ? STARTED - 1_000 : startedAt,
    ...(drifted ? {configHash: 'old'} : {}),
    ...(name.startsWith('behind') && network === 'gone' ? {networkMode: 'container:gone'} : {}),
    ...(state === 'exited' && ended ? {error: 'cannot join network of a non running container: vpn-1', exitCode: 128} : {}),
  }))
  return fc.option(one, {freq: 4})
}

export type Case = {
  readonly world: World
  readonly services: readonly string[]
  readonly newImages: readonly string[]
  readonly unknown: readonly string[]
}

/** A stack, what may be seen of it, and a selection of its services (none: all). */
export const cases: fc.Arbitrary<Case> = stacks.chain((stack) => {
  const names = [...stack.services.keys()]
  return fc
    .record({
      containers: fc.tuple(...names.map(container)),
      services: fc.oneof(fc.constant([]), fc.subarray(names)),
      newImages: fc.subarray(names),
      unknown: fc.subarray(names),
      missing: fc.subarray(names, {maxLength: 1}),
    })
    .map(({containers, missing, ...rest}) => {
      const observed = Object.fromEntries(names.map((name, place) => [name, containers[place] ?? null]))
      const images = Object.fromEntries(missing.map((name) => [name, {id: undefined}]))
      return {...rest, world: aWorld(stack, {containers: observed, images})}
    })
})

/** As `cases`, everything running and healthy. */
export const healthyCases: fc.Arbitrary<Case> = cases.map((one) => ({...one, world: aWorld(one.world.stack)}))

/** The registry's answers put into what was observed. */
export function withRegistry({world, newImages, unknown}: Case): World {
  const images = [...world.observed.images].map(([reference, image]) => {
    const name = [...world.stack.services.values()].find((candidate) => candidate.image === reference)?.name ?? ''
    const remote = unknown.includes(name)
      ? {unknown: 'the registry does not answer'}
      : {digest: newImages.includes(name) ? 'sha256:new' : `sha256:${name}-digest`}
    return [reference, {...image, remote}] as const
  })
  return {...world, observed: {...world.observed, images: new Map(images)}}
}
