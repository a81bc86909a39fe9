import type {CascadeMemory, Episode} from '../../model/cascade.js'
import {elapsed} from '../../model/clock.js'
import {gatewaysOf} from '../../model/declared.js'
import type {ObservedContainer} from '../../model/observed.js'
import {failedAlert, gatewayAlert, loopAlert} from '../../notify/cascade-alerts.js'
import {recorder} from '../recorder.js'
import type {StepOutcome} from '../report.js'
import type {Consideration} from './consider.js'
import type {CascadeJob} from './hands.js'

/** The alerts of a repair that does not come to its end, each told once. */

export async function tellLoop({decision, remembered}: Consideration, {order, hands}: CascadeJob): Promise<void> {
  const now = hands.now()
  const {pausedUntil = now} = decision.memory
  const {episode} = remembered
  await hands.notifier.post(loopAlert(order.stack.name, order.rules.perHour, pausedUntil, decision.trigger, now))
  // Without a repair under way the pause is an operation of its own, so that the history tells of it.
  const book = recorder(hands.journal, {op: episode?.op ?? hands.newOperation(), now: hands.now})
  if (episode === undefined) await book.began({stack: order.stack.name, verb: 'cascade pause', by: order.by, trigger: decision.trigger})
  const summary = `restart loop: cascades pause until ${new Date(pausedUntil).toISOString().slice(0, 16)} UTC`
  await book.ended({result: 'failed', summary, seconds: elapsed(episode?.startedAt ?? now, now) / 1000})
}

/** @returns What to remember: that it was told. */
export async function tellGateway({world, decision}: Consideration, episode: Episode, {order, hands}: CascadeJob): Promise<CascadeMemory> {
  const gateways = gatewaysOf(order.stack).map((name) => `${name} ${stateOf(world.observed.containers.get(name))}`)
  await hands.notifier.post(gatewayAlert(order.stack.name, gateways.join('; '), episode, order.rules.gateway, hands.now()))
  return {...decision.memory, episode: {...episode, alerted: 'gateway'}}
}

function stateOf(container: ObservedContainer | undefined): string {
  if (container === undefined) return 'has no container'
  if (container.state !== 'running') return `is ${container.state} (exit code ${container.exitCode})`
  return `is ${container.health}${container.healthOutput === undefined ? '' : `: ${container.healthOutput.slice(0, 300)}`}`
}

export async function tellFailed({episode}: CascadeMemory, outcomes: readonly StepOutcome[], {order, hands}: CascadeJob): Promise<void> {
  const errors = outcomes.filter(({result}) => result === 'failed').map(({step, message}) => `${step.action} ${step.target}: ${message}`)
  if (episode !== undefined) await hands.notifier.post(failedAlert(order.stack.name, episode, errors, hands.now()))
}
