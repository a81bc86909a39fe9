import type {Decision} from '../cascade/decide.js'
import type {CascadeHands, CascadeOrder} from '../cascade/observe.js'
import {cascadePass, type Pass} from '../cascade/pass.js'
import {goingOnWithoutDiary} from '../cascade/without-diary.js'
import type {Log} from '../model/log.js'
import type {Notifier} from '../model/notification.js'
import type {Reporter} from '../model/plan.js'
import {gatewaysOf, type DeclaredStack} from '../model/stack.js'
import {followDocker} from '../stack/docker-events.js'
import {OperatorError} from '../util/errors.js'
import {createWakeup} from '../util/wakeup.js'
import type {Heartbeat} from './heartbeat.js'
import {trouble} from './repeated-failure.js'
import type {Watcher} from './supervisor.js'

type CascadeWatch = {
  readonly name: string
  /** The stack as its files say now, and the engine that goes with them. @throws OperatorError if they cannot be read. */
  readonly declare: () => Promise<{stack: DeclaredStack; hands: CascadeHands}>
  readonly notifier: Notifier
  readonly rules: CascadeOrder['rules']
  /** Milliseconds. */
  readonly resync: number
  readonly patience: number
  readonly silence: number
  readonly beat: Heartbeat
  readonly log: Log
  readonly reporter: Reporter
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Keeps everybody behind the gateways of one stack: looks, does what is due, sleeps until a hint or the next resync. */
export const cascadeWatcher = (watch: CascadeWatch): Watcher => ({name: watch.name, run: (signal) => run(watch, signal)})

async function run(watch: CascadeWatch, signal: AbortSignal): Promise<void> {
  const awake = createWakeup()
  const snag = trouble(watch)
  const goingOn = goingOnWithoutDiary((text) => watch.log.warn(`${watch.name}: ${text}`))
  let hints: Promise<void> | undefined
  while (!signal.aborted) {
    try {
      const {stack, hands} = await watch.declare()
      // Subscribed first: its beginning is a hint, too, and brings the look that nothing was missed before.
      const watched = gatewaysOf(stack).length > 0
      if (watched)
        hints ??= followDocker({engine: hands.engine, project: stack.project, heard: () => awake.wake(), silence: watch.silence, signal})
      const sleep = await (watched ? turn : quietTurn)(stack, goingOn(hands), watch, signal)
      snag.over()
      await awake.next({leastMs: 0, mostMs: sleep}, signal)
    } catch (error) {
      if (isOver(signal)) break
      watch.beat.failed(error instanceof Error ? error.message : String(error))
      await awake.next({leastMs: 0, mostMs: await snag.happened(error)}, signal)
    }
  }
  await hints
}

/** Nothing done again and again must not become a loop that does not rest, milliseconds. */
const BREATH_MS = 1_000

/** After something was done the next look comes at once; undefined: nothing was. */
function restMs({outcomes, verdict}: Pass): number | undefined {
  if (verdict !== undefined) return 0
  if (outcomes.length === 0) return undefined
  return outcomes.every(({result}) => result === 'skipped') ? BREATH_MS : 0
}

/** A loop's condition is checked again after an await, which the compiler does not see. */
const isOver = (signal: AbortSignal): boolean => signal.aborted

/**
 * Of a stack without a gateway only what Docker could not start is looked for, now and then: that Docker is away is told by those
 * who watch over a gateway, once. @returns Milliseconds to sleep.
 */
async function quietTurn(stack: DeclaredStack, hands: CascadeHands, watch: CascadeWatch, signal: AbortSignal): Promise<number> {
  try {
    return await turn(stack, hands, watch, signal)
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    watch.beat.failed(error.message)
    return watch.resync
  }
}

/** @returns Milliseconds to sleep. */
async function turn(stack: DeclaredStack, hands: CascadeHands, watch: CascadeWatch, signal: AbortSignal): Promise<number> {
  const {rules, resync, beat, log, reporter} = watch
  const before = beat.pulse().phase
  const isFirst = beat.pulse().turns === 0
  const job = {order: {stack, rules, force: false, by: 'watch'}, hands, reporter, signal} as const
  const pass = await cascadePass(isFirst ? {...job, onLook: (phase) => beat.looked(phase)} : job)
  const {phase, recheckMs = resync} = pass.decision
  beat.looked(phase)
  for (const {level, text} of passText(stack.name, pass, before)) log[level](text)
  return Math.min(restMs(pass) ?? recheckMs, resync)
}

type Line = {readonly level: keyof Log; readonly text: string}

/** What a pass is worth saying in a log that is read once a year: changes, no repetitions. @param before The phase of the last pass. */
function passText(stack: string, {decision, verdict}: Pass, before: string): Line[] {
  const {phase} = decision
  if (verdict !== undefined) return [{level: verdict.result === 'unhealthy' ? 'warn' : 'info', text: `${stack}: ${verdict.summary}`}]
  return phase === before || (phase === 'paused' && before === 'loop') ? [] : phaseText(stack, decision)
}

function phaseText(stack: string, {phase, memory, trigger}: Decision): Line[] {
  switch (phase) {
    case 'gateway':
      return [{level: 'warn', text: `${stack}: ${trigger}; waiting for the gateway to become healthy`}]
    case 'loop':
      return [
        {
          level: 'error',
          text: `${stack}: restart loop: cascades pause until ${time(memory.pausedUntil)}; homelab cascade --resume ends that`,
        },
      ]
    case 'paused':
      return [{level: 'warn', text: `${stack}: something is cut off, and cascades pause until ${time(memory.pausedUntil)}`}]
    case 'backoff':
      return [{level: 'warn', text: `${stack}: attempt ${memory.episode?.attempts} failed; the next one follows`}]
    default:
      return []
  }
}

const time = (at: number | undefined): string => new Date(at ?? 0).toISOString()
