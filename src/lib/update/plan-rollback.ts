import {isUp, type ObservedContainer} from '../model/container.js'
import {keptRepository, repositoryOf} from '../model/image.js'
import type {Plan, Stage, Step} from '../model/plan.js'
import {withCompany} from '../stack/dependents.js'
import {treatStopped, type Treatment} from '../stack/reconcile.js'
import type {Intent, World} from '../stack/snapshot.js'
import {preparation, sequence} from '../stack/stages.js'
import {recover} from './retained-images.js'
import type {Snapshot} from '../model/update.js'

/** What goes back, and who comes along. */
type Return = {
  readonly snapshots: readonly Snapshot[]
  /** Services that ran behind them, and have to run again. */
  readonly company: readonly string[]
  /** Services whose old image is not on this machine any more. */
  readonly lost?: ReadonlySet<string>
}

/**
 * Back to the images that ran before. First their names, so that no later `up` brings the new ones; then the
 * configuration, where it was copied; then their containers, and all who live behind them.
 * @param world Declared with the references that go back.
 */
export function planRollback(world: World, {snapshots, company, lost}: Return, intent: Intent): Plan {
  const own = snapshots.flatMap((snapshot) => treat(world, snapshot))
  const along = company.flatMap((name) => treatStopped(world, name) ?? [])
  const changing = snapshots.filter((snapshot) => !isOfOld(world, snapshot))
  const treatments = withCompany(world, [...own, ...along], 'running')
  const others = treatments.filter(({service}) => !snapshots.some((snapshot) => snapshot.service === service))
  const stages: Stage[] = [
    recoveries(snapshots, lost),
    snapshots.flatMap((snapshot) => names(world, snapshot)),
    ...restoration(world, changing),
    ...preparation(world, others),
    ...sequence(world, treatments, intent),
  ]
  return {
    stack: world.stack.name,
    verb: 'rollback',
    stages: stages.filter((stage) => stage.length > 0),
    untouched: [],
    notes: changing.filter((snapshot) => snapshot.backup === undefined).map(({service}) => withoutBackup(service)),
    lookAgain: false,
  }
}

/**
 * The same for services that were taken down meanwhile: nothing is started. One whose container is of the new image gets a
 * container of the old one, so that a later `start` does not start the new.
 */
export function planPutBack(world: World, {snapshots, lost}: Pick<Return, 'snapshots' | 'lost'>): Plan {
  const changing = snapshots.filter((snapshot) => !isOfOld(world, snapshot))
  const made = changing.filter(({service}) => world.observed.containers.has(service))
  const reason = 'its update was left in the middle; the old image is declared again'
  const stages: Stage[] = [
    recoveries(snapshots, lost),
    snapshots.flatMap((snapshot) => names(world, snapshot)),
    ...restoration(world, changing),
    made.map(({service}) => ({action: 'replace', target: service, reason, needs: []})),
  ]
  const used = stages.filter((stage) => stage.length > 0)
  return {stack: world.stack.name, verb: 'rollback', stages: used, untouched: [], notes: [], lookAgain: false}
}

const recoveries = (snapshots: readonly Snapshot[], lost: ReadonlySet<string> | undefined): Step[] =>
  snapshots.filter(({service}) => lost?.has(service)).map(({service, from}) => recover(service, from.reference, from.imageId, from.source))

const withoutBackup = (service: string): string =>
  `${service} goes back without a copy of its configuration: if the new version has changed its database, the old one may not start`

/** Then the new version has never run, or everything was put back before this container was made. */
const isOfOld = ({observed}: World, {service, from}: Snapshot): boolean => observed.containers.get(service)?.imageId === from.imageId

const hasContainer = (present: ObservedContainer | undefined, id: string | undefined): boolean => id !== undefined && present?.id === id

function treat(world: World, snapshot: Snapshot): Treatment[] {
  const {service, from} = snapshot
  const container = world.observed.containers.get(service)
  if (container !== undefined && container.imageId !== from.imageId)
    return [{service, action: 'recreate', reason: 'its new image did not pass; it goes back to the one before'}]
  const stopped = treatStopped(world, service)
  return stopped === undefined ? [] : [stopped]
}

/** The name of the image, and what the stack's files say. */
function names({observed}: World, {service, from, to}: Snapshot): Step[] {
  const steps: Step[] = []
  if (from.pin !== to.pin)
    steps.push({
      action: 'pin',
      target: service,
      reason: `its declared image becomes ${from.reference} again`,
      needs: [],
      reference: from.pin ?? '',
    })
  if (observed.images.get(from.reference)?.id !== from.imageId)
    steps.push({
      action: 'tag',
      target: service,
      reason: 'so that no later command brings the new image',
      needs: [],
      image: from.imageId,
      reference: from.reference,
    })
  return steps
}

/** Of those whose new version may have run: as long as the old container is there, it has not, and nothing was changed. */
function restoration({observed}: World, snapshots: readonly Snapshot[]): Stage[] {
  const copied = snapshots.flatMap(({service, backup, folders, from}) =>
    backup === undefined || hasContainer(observed.containers.get(service), from.container)
      ? []
      : [{service, backup, folders: folders ?? []}],
  )
  const stops = copied.flatMap(({service}) => {
    const container = observed.containers.get(service)
    const reason = 'its configuration is put back while nobody writes in it'
    return isUp(container) && container !== undefined
      ? [{action: 'stop' as const, target: service, reason, needs: [], container: container.id}]
      : []
  })
  const reason = 'the new version may have changed it'
  return [stops, copied.map(({service, backup, folders}) => ({action: 'restore', target: service, reason, needs: [], backup, folders}))]
}

/** An image on this machine. */
type Candidate = {readonly id: string; readonly references: readonly string[]; readonly version?: string | undefined}

type Present = {
  readonly project: string
  readonly service: string
  /** What is declared now, pins included, and what runs. */
  readonly reference: string
  readonly imageId: string
  readonly pin: string | undefined
  readonly digest: string | undefined
}

/** The image that a service ran before, of those that were kept: the one that was left last and is not the present one. */
export function previous(present: Present, kept: readonly Candidate[]): Candidate | undefined {
  const repository = `${keptRepository(present.project, present.service)}:`
  const left = (image: Candidate): string =>
    image.references
      .filter((name) => name.startsWith(repository))
      .toSorted()
      .at(-1) ?? ''
  return kept.filter(({id}) => id !== present.imageId).toSorted((a, b) => left(b).localeCompare(left(a)))[0]
}

/** From what runs to this image. Under another tag of its own repository it is pinned; otherwise the present tag moves to it. */
export function wayBack({service, reference, imageId: _, pin, digest}: Present, target: Candidate): Snapshot {
  const repository = repositoryOf(reference)
  const own = target.references.filter((name) => repositoryOf(name) === repository)
  const name = own.includes(reference) ? reference : (own[0] ?? reference)
  return {
    service,
    from: {reference: name, imageId: target.id, pin: name === reference ? pin : name, version: target.version},
    to: {reference, pin, digest},
  }
}
