import {recorder} from '../journal/recorder.js'
import {elapsed} from '../model/clock.js'
import type {ObservedContainer} from '../model/container.js'
import type {Notification} from '../model/notification.js'
import type {StepOutcome} from '../model/plan.js'
import {gatewaysOf} from '../model/stack.js'
import {count} from '../util/text.js'
import type {Consideration, CascadeJob} from './observe.js'
import type {Verdict} from './result.js'
import type {CascadeMemory, Episode} from '../model/cascade.js'

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

/** What the operator's phone is told about a cascade; the texts are the owner's (architecture, diagram 3). `now`: epoch milliseconds. */

export function verdictAlert(stack: string, {episode, result, back, unwell, alone}: Verdict, now: number): Notification | undefined {
  const took = `${(elapsed(episode.startedAt, now) / 1000).toFixed(1)} s`
  const where = alone ? 'back' : "back in the gateway's network"
  if (result === 'unhealthy') {
    const ill = unwell.map(({service, why}) => `- ${service}: ${why}`)
    return told(now, 4, ['warning'], 'Cascade restart: some services unhealthy', [
      `${stack}: ${count(back.length, 'service')} ${are(back)} ${where} after ${took}; not well:`,
      ...ill,
      seen(episode),
      `Next: homelab stack ${stack} status`,
    ])
  }
  if (result !== 'done') return undefined
  const title = alone ? `Started again in ${took}: ${back.join(', ')}` : `Cascade restart successful in ${took}`
  return told(now, 3, ['white_check_mark'], title, [`${stack}: ${back.join(', ')} ${are(back)} ${where}.`, seen(episode)])
}

const gatewayAlert = (stack: string, gateway: string, episode: Episode, limit: number, now: number): Notification =>
  told(now, 5, ['rotating_light'], 'Cascade restart FAILED: the gateway does not come back', [
    `${stack}: ${gateway} (after ${limit} s). What lives behind it stays stopped until it is healthy, and is brought back then.`,
    seen(episode),
    `Next: homelab stack ${stack} status; homelab stack ${stack} logs ${gateway.split(' ')[0]} -n 50`,
  ])

const failedAlert = (stack: string, episode: Episode, errors: readonly string[], now: number): Notification =>
  told(now, 5, ['rotating_light'], 'Cascade restart FAILED: manual intervention required', [
    `${stack}: ${count(episode.attempts, 'attempt')} did not bring everything back.`,
    ...errors.map((error) => `- ${error}`),
    seen(episode),
    'Next: homelab cascade --dry-run shows what is left to do; homelab cascade does it. It is tried again every 15 minutes.',
  ])

const loopAlert = (stack: string, perHour: number, pausedUntil: number, trigger: string, now: number): Notification =>
  told(now, 5, ['rotating_light'], `RESTART LOOP DETECTED: pausing ${span(pausedUntil - now)}`, [
    `${stack}: more than ${perHour} cascades within an hour. Nothing is restarted until ${clock(pausedUntil)}.`,
    `Trigger: ${trigger}`,
    `Next: look why the gateway restarts, with homelab history; then homelab cascade --resume`,
  ])

const are = (list: readonly unknown[]): string => (list.length === 1 ? 'is' : 'are')

const seen = ({trigger}: Episode): string => `Trigger: ${trigger}`

const clock = (at: number): string => `${new Date(at).toISOString().slice(11, 16)} UTC`

const span = (milliseconds: number): string => {
  const minutes = Math.round(milliseconds / 60_000)
  if (minutes < 1) return `${Math.round(milliseconds / 1000)} s`
  return minutes % 60 === 0 ? count(minutes / 60, 'hour') : count(minutes, 'minute')
}

const told = (
  now: number,
  priority: Notification['priority'],
  tags: readonly string[],
  title: string,
  lines: readonly string[],
): Notification => ({
  title,
  message: lines.join('\n'),
  tags,
  priority,
  at: new Date(now).toISOString(),
})
