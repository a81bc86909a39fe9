import type {CascadeMemory, Episode} from '../../model/cascade.js'
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
  if (episode === undefined) return
  const book = recorder(hands.journal, {op: episode.op, now: hands.now})
  await book.ended({result: 'failed', summary: 'restart loop: cascades pause', seconds: (now - episode.startedAt) / 1000})
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
