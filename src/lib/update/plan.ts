import {isUp, type ObservedImage} from '../model/container.js'
import type {Plan, Stage, Step, Untouched} from '../model/plan.js'
import {withCompany} from '../stack/dependents.js'
import {companyNotes} from '../stack/plan-up.js'
import {preparation, sequence} from '../stack/stages.js'
import {selectServices} from '../stack/select.js'
import {driftReason, type Treatment} from '../stack/reconcile.js'
import {keepImages, releaseImages} from './retained-images.js'
import {copyNotes, withRenewal} from './plan-image-change.js'
import type {Intent, World} from '../stack/snapshot.js'

/** `pull`: fetch what the registries have newer; nothing that runs changes, and what it runs keeps a name. */
export function planPull(world: World, intent: Intent): Plan {
  const wanted = selectServices(world.stack, intent.services)
  const pulls = pullSteps(world, intent, wanted)
  const stages = nonEmpty(keptAround(world, pulls, intent.op))
  return {stack: world.stack.name, verb: 'pull', stages, untouched: current(wanted, pulls), notes: [], lookAgain: false}
}

/** A pull loses no way back that there is; that there is none is no reason not to pull. */
function keptAround(world: World, pulls: readonly Step[], op: string | undefined): Stage[] {
  if (op === undefined) return [pulls]
  const names = pulls.map(({target}) => target)
  return [...keepImages(world, names, op), pulls.map((step) => ({...step, regardless: true})), releaseImages(world, names, op)]
}

/**
 * `update`: pull what is newer, recreate what has a new image or a changed declaration, leave the rest running, then
 * wait for health. What does not run is pulled and not started: somebody stopped it.
 * What it was rolled back from before is not tried again.
 */
export function planUpdate(world: World, intent: Intent): Plan {
  const wanted = selectServices(world.stack, intent.services)
  const pulls = pullSteps(world, intent, wanted)
  const own = wanted.flatMap((name) => treat(world, intent, pulls, name) ?? [])
  const treatments = withCompany(world, own, 'running')
  const renewed = treatments
    .filter(({service, action}) => action === 'recreate' && isRenewed(world, intent, pulls, service))
    .map(({service}) => service)
  const pulled = new Set(pulls.map(({target}) => target))
  const prepared = preparation(world, treatments).map((stage) => stage.filter((step) => step.action !== 'pull' || !pulled.has(step.target)))
  const treated = new Set(treatments.map(({service}) => service))
  return {
    stack: world.stack.name,
    verb: 'update',
    stages: nonEmpty([
      ...keepOld(world, intent, pulls, renewed),
      pulls,
      releaseStopped(world, intent, pulls),
      namesBack(world, intent, wanted),
      ...prepared,
      ...withRenewal(world, sequence(world, treatments, intent), renewed, intent.renewal),
    ]),
    untouched: leftAlone(world, intent, wanted, treated),
    notes: [...companyNotes(world, wanted, treatments), ...copyNotes(renewed, intent.renewal)],
    lookAgain: pulls.some(({target}) => isUndecided(world, intent, target)),
  }
}

/** Before any pull, and not twice: what was pulled a moment ago was kept before that. */
function keepOld(world: World, {renewal, pulled}: Intent, pulls: readonly Step[], renewed: readonly string[]): Stage[] {
  if (renewal === undefined) return []
  const kept = (name: string): boolean => pulled?.has(imageOf(world, name)?.reference ?? '') === true
  const names = new Set([...pulls.map(({target}) => target), ...renewed.filter((name) => !kept(name))])
  return keepImages(world, [...names], renewal.op)
}

/** What does not run gets no new container; of the others it is decided in the end. */
function releaseStopped(world: World, {renewal}: Intent, pulls: readonly Step[]): Step[] {
  const stopped = pulls.map(({target}) => target).filter((name) => !isUp(world.observed.containers.get(name)))
  return renewal === undefined ? [] : releaseImages(world, stopped, renewal.op)
}

const nonEmpty = (stages: Stage[]): Stage[] => stages.filter((stage) => stage.length > 0)

function treat(world: World, intent: Intent, pulls: readonly Step[], name: string): Treatment | undefined {
  if (!isUp(world.observed.containers.get(name))) return undefined
  if (intent.force) return {service: name, action: 'recreate', reason: '--force-recreate'}
  if (isRefused(world, intent, name)) return undefined
  const reason = bringsNewImage(world, intent, pulls, name) ? 'its image is new' : driftReason(world, name)
  return reason === undefined ? undefined : {service: name, action: 'recreate', reason}
}

const bringsNewImage = (world: World, intent: Intent, pulls: readonly Step[], name: string): boolean =>
  pulls.some(({target}) => target === name) && !isUndecided(world, intent, name)

/** Whether it will run another image than it does. */
function isRenewed(world: World, intent: Intent, pulls: readonly Step[], name: string): boolean {
  const [container, image] = [world.observed.containers.get(name), imageOf(world, name)]
  return (
    bringsNewImage(world, intent, pulls, name) || (image?.id !== undefined && container !== undefined && image.id !== container.imageId)
  )
}

/** What this machine has under its reference is what it was rolled back from. */
function isRefused(world: World, intent: Intent, name: string): boolean {
  const [container, image] = [world.observed.containers.get(name), imageOf(world, name)]
  if (container === undefined || image?.id === undefined || image.id === container.imageId) return false
  return image.digests.some((digest) => isRejected(intent, name, digest))
}

const isRejected = ({renewal}: Intent, name: string, digest: string): boolean => renewal?.rejected.get(name)?.has(digest) === true

/** A pull had to tell what is new, and brought what was rejected: no later `up` may bring that. */
function namesBack(world: World, intent: Intent, names: readonly string[]): Step[] {
  return names
    .filter((name) => isRefused(world, intent, name))
    .flatMap((name) => {
      const image = world.observed.containers.get(name)?.imageId
      const reference = imageOf(world, name)?.reference
      if (image === undefined || reference === undefined) return []
      return [{action: 'tag' as const, target: name, reason: 'what its tag names was rolled back before', needs: [], image, reference}]
    })
}

function pullSteps(world: World, intent: Intent, names: readonly string[]): Step[] {
  return names.flatMap((name) => {
    const image = imageOf(world, name)
    if (image === undefined || intent.pulled?.has(image.reference)) return []
    const reason = pullReason(image, (digest) => isRejected(intent, name, digest))
    return reason === undefined ? [] : [{action: 'pull', target: name, reason, needs: [], image: image.reference}]
  })
}

function imageOf(world: World, name: string): ObservedImage | undefined {
  const service = world.stack.services.get(name)
  return service?.image === undefined || service.built ? undefined : world.observed.images.get(service.image)
}

function pullReason({id, remote, digests}: ObservedImage, rejected: (digest: string) => boolean): string | undefined {
  if (remote !== undefined && 'digest' in remote && rejected(remote.digest)) return undefined
  if (id === undefined) return 'its image is not on this machine'
  if (remote === undefined) return undefined
  if ('unknown' in remote) return `only a pull can tell whether it is new: ${remote.unknown}`
  return digests.includes(remote.digest) ? undefined : `the registry has a newer image, ${shortDigest(remote.digest)}`
}

/** Whether the pull itself has to tell if the image is new. */
function isUndecided(world: World, intent: Intent, name: string): boolean {
  const image = imageOf(world, name)
  if (image === undefined || intent.pulled?.has(image.reference)) return false
  // Another tag is another image.
  if (intent.renewal?.references.has(name)) return false
  return image.id === undefined || (image.remote !== undefined && 'unknown' in image.remote)
}

const shortDigest = (digest: string): string => digest.replace(/^sha256:/, '').slice(0, 12)

function leftAlone(world: World, intent: Intent, wanted: readonly string[], treated: ReadonlySet<string>): Untouched[] {
  return wanted
    .filter((name) => !treated.has(name))
    .map((service) => ({
      service,
      ...whyLeft(world, intent, service),
    }))
}

function whyLeft(world: World, intent: Intent, name: string): Omit<Untouched, 'service'> {
  const remote = imageOf(world, name)?.remote
  if ((remote !== undefined && 'digest' in remote && isRejected(intent, name, remote.digest)) || isRefused(world, intent, name))
    return {is: 'rejected', reason: 'the newest image of its tag was rolled back before: --retry-rejected tries it again'}
  if (!isUp(world.observed.containers.get(name)))
    return {is: 'stopped', reason: 'it does not run: its image is kept current, it is not started'}
  return {is: 'current', reason: 'it runs the newest image of its tag'}
}

const current = (wanted: readonly string[], pulls: readonly Step[]): Untouched[] =>
  wanted
    .filter((name) => !pulls.some(({target}) => target === name))
    .map((service) => ({service, reason: 'its image is the newest of its tag'}))
