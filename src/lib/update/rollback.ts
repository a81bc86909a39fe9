import {type DeclaredStack, withReferences} from '../model/stack.js'
import {OperatorError} from '../util/errors.js'
import {keptRepository} from '../model/image.js'
import type {Snapshot} from '../model/update.js'
import type {LocalImage} from '../docker/engine.js'
import {selectServices} from '../stack/select.js'
import {planRollback, previous, wayBack} from './plan-rollback.js'
import {companyOf} from './snapshot.js'
import type {Intent, World} from '../stack/snapshot.js'
import {withLeft, type Order} from '../stack/run.js'
import {journalled} from '../stack/journaled.js'
import {goBack} from './finish.js'
import {endOpenUpdate} from './left-open.js'
import type {StackResult} from '../stack/result.js'
import type {Work} from '../stack/step-handlers.js'

type RollbackOrder = {
  readonly stack: DeclaredStack
  readonly service: string
  /** An image on this machine, by id or reference; undefined: the one that ran before. */
  readonly to: string | undefined
  readonly dryRun: boolean
  readonly intent: Intent
  readonly resume: NonNullable<Order['resume']>
}

/** What runs now is not brought again by an update, until its tag names another image. */
const BY_HAND = 'its operator rolled it back'

/**
 * Takes one service back to an image that ran before. The caller holds the stack's lock, unless it is a dry run.
 * @throws OperatorError if there is nothing to go back to.
 */
export async function rollBack(order: RollbackOrder, work: Work): Promise<StackResult> {
  const {stack, service, dryRun} = order
  selectServices(stack, [service])
  const left = dryRun ? undefined : await endOpenUpdate(stack, {...order, verb: 'update'}, work)
  return withLeft(left, await rollBackNow(order, work))
}

async function rollBackNow(order: RollbackOrder, work: Work): Promise<StackResult> {
  const {stack, service, dryRun, intent} = order
  const {hands, reporter, signal} = work
  const world: World = {stack, observed: await hands.engine.observe(stack, {images: true}, signal)}
  const snapshot = await wayOf(order, world, work)
  const old = withReferences(stack, new Map([[service, snapshot.from.reference]]))
  const company = companyOf(world, [service])
  const seen = {stack: old, observed: await hands.engine.observe(old, {images: true}, signal)}
  const plan = planRollback(seen, {snapshots: [snapshot], company}, intent)
  const result = {stack: stack.name, verb: 'rollback', dryRun, plans: [plan], outcomes: [], changes: [], updates: []} as const
  if (dryRun || plan.stages.length === 0) {
    reporter.planned(plan)
    return result
  }
  const op = hands.newOperation()
  const trigger = `homelab stack ${stack.name} rollback ${service}`
  const transaction = {
    op,
    stack: stack.name,
    startedAt: hands.now(),
    trigger,
    phase: 'returning' as const,
    services: [snapshot],
    company,
    ran: [service],
  }
  return journalled({plan, trigger, signal, by: 'command', op}, hands, reporter, async (told) => {
    const imageId = world.observed.containers.get(service)?.imageId
    const judged = {snapshot, is: 'back' as const, ran: true, reason: BY_HAND, imageId, digest: snapshot.to.digest, version: undefined}
    const settled = await goBack({stack, transaction, intent}, [judged], {...work, reporter: told})
    if (!signal.aborted) await hands.books.transactions.clear(stack.project)
    return {...result, ...settled}
  })
}

async function wayOf({stack, service, to}: RollbackOrder, {observed}: World, {hands, signal}: Work): Promise<Snapshot> {
  const container = observed.containers.get(service)
  const reference = stack.services.get(service)?.image
  if (container === undefined || reference === undefined)
    throw new OperatorError(`${service} has no container that could go back.`, {
      next: [`Bring it up: homelab stack ${stack.name} up ${service}`],
    })
  const pins = await hands.books.pins.read(stack.name)
  const image = observed.images.get(reference)
  const digest = image?.id === container.imageId ? image.digests[0] : undefined
  const present = {project: stack.project, service, reference, imageId: container.imageId, pin: pins.get(service), digest}
  const kept = await hands.engine.images(keptRepository(stack.project, service), signal)
  const target = to === undefined ? previous(present, kept) : await hands.engine.image(to, signal)
  if (target === undefined) throw nothingThere(stack, service, to, kept)
  return wayBack(present, target)
}

function nothingThere({name}: DeclaredStack, service: string, to: string | undefined, kept: readonly LocalImage[]): OperatorError {
  const ids = kept.map(({id, version}) => `${id.replace('sha256:', '').slice(0, 12)}${version === undefined ? '' : ` (${version})`}`)
  const known = ids.length === 0 ? [] : [`Kept of ${service}: ${ids.join(', ')}`]
  if (to !== undefined)
    return new OperatorError(`The image ${to} is not on this machine.`, {next: [...known, `Fetch it first: docker pull ${to}`]})
  return new OperatorError(`No older image of ${service} was kept, so there is nothing to go back to.`, {
    next: [...known, `Name one: homelab stack ${name} rollback ${service} --to <image>`],
  })
}
