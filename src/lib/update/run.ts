import type {Look} from '../docker/engine.js'
import type {Reporter} from '../model/plan.js'
import type {StackResult} from '../stack/result.js'
import {runStack, type Order, type UpdateHalf} from '../stack/run.js'
import type {Hands} from '../stack/step-handlers.js'
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
