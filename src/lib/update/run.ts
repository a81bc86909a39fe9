import type {Configuration} from '../config/schema.js'
import type {Look} from '../docker/engine.js'
import type {Reporter} from '../model/plan.js'
import type {StackFiles} from '../model/stack.js'
import type {StackResult} from '../stack/result.js'
import {runStack, type Order, type UpdateHalf} from '../stack/run.js'
import type {Hands} from '../stack/step-handlers.js'
import {OperatorError} from '../util/errors.js'
import {endOpenUpdate, putAway} from './left-open.js'
import {planPull, planUpdate} from './plan.js'
import {inTransaction} from './transaction.js'

export const UPDATES: UpdateHalf = {
  verbs: {
    pull: {look: (registries): Look => ({images: true, registries}), plan: planPull},
    update: {look: (registries): Look => ({images: true, hashes: true, registries}), plan: planUpdate},
  },
  endOpen: endOpenUpdate,
  putAway,
  inTransaction,
}

/**
 * The one door for every verb that changes a stack: observe, plan, apply, with what updates have left in the middle brought
 * to its end, and with a way back for every image that changes.
 * @throws OperatorError if it could not even be planned; what fails later stands in the outcomes.
 */
export const carryOut = (order: Order, hands: Hands, reporter: Reporter, signal: AbortSignal): Promise<StackResult> =>
  runStack(order, UPDATES, {hands, reporter, signal})

/** A stack's result, or the expected error because of which there is none. */
export type StackReport = {
  readonly stack: string
  readonly result?: StackResult
  readonly error?: OperatorError
}

type Where = {
  readonly stacks: readonly StackFiles[]
  /** `stacks`: every one of the homelab. */
  readonly setting: {readonly configuration: Configuration; readonly stacks?: readonly StackFiles[]}
}

/** Stacks side by side, except where the configuration's `after` orders them; going down, the other way round. */
export async function carryOutAll(
  order: Omit<Order, 'files'>,
  {stacks, setting}: Where,
  hands: Hands,
  reporterOf: (stack: string) => Reporter,
  signal: AbortSignal,
): Promise<StackReport[]> {
  const ending = order.verb === 'down' || order.verb === 'stop'
  const running = new Map<string, Promise<StackReport>>()
  const run = (files: StackFiles, trail: readonly string[]): Promise<StackReport> => {
    const known = running.get(files.name)
    if (known !== undefined) return known
    const before = stacks.filter(({name}) => isBefore(name, files.name, setting.configuration, ending) && !trail.includes(name))
    const first = Promise.all(before.map((other) => run(other, [...trail, files.name])))
    const own = first.then(() => report({...order, files, all: setting.stacks ?? stacks}, hands, reporterOf(files.name), signal))
    running.set(files.name, own)
    return own
  }
  return Promise.all(stacks.map((files) => run(files, [])))
}

function isBefore(one: string, other: string, {stacks}: Configuration, ending: boolean): boolean {
  const [earlier, later] = ending ? [other, one] : [one, other]
  return stacks[later]?.after.includes(earlier) === true
}

/** @throws whatever is not an expected failure. */
async function report(order: Order, hands: Hands, reporter: Reporter, signal: AbortSignal): Promise<StackReport> {
  try {
    const result = await carryOut(order, hands, reporter, signal)
    reporter.closed(undefined)
    return {stack: order.files.name, result}
  } catch (error) {
    reporter.closed(error as Error)
    if (error instanceof OperatorError) return {stack: order.files.name, error}
    if (signal.aborted) return {stack: order.files.name, error: new OperatorError('Cancelled before anything was done.', {exitCode: 130})}
    throw error
  }
}
