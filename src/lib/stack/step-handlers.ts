import {setTimeout as sleep} from 'node:timers/promises'
import type {Engine} from '../docker/engine.js'
import type {Journal} from '../journal/record.js'
import type {Incarnation, StartGuard, Step, StepOutcome, PullProgress, Reporter} from '../model/plan.js'
import type {DeclaredStack} from '../model/stack.js'
import {Overtaken, OperatorError} from '../util/errors.js'
import {attempt, type Watch, createThroughCompose} from './attempt.js'
import {gatewayGuard, readyGuard, sharing} from './gateway-guard.js'
import {makeFolder, writeFirst} from './prepare-host.js'
import {waitUntilReady} from './wait.js'
import type {UpdateBooks} from '../model/update.js'
import type {MemoryStore} from '../model/cascade.js'

/** Where a step is carried out. */
export type Place = {readonly stack: DeclaredStack; readonly hands: Hands; readonly signal: AbortSignal}

/** What the steps are carried out with. */
export type Hands = {
  readonly engine: Engine
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Runs the work while nobody else works on that project. */
  readonly journal: Journal
  /** What was taken down for a time, and is to be brought back. */
  readonly memory: MemoryStore
  /** Of updates. */
  readonly books: UpdateBooks
  readonly patience: Patience
  /** Carries out a step that only updates have. @returns For people. */
  readonly updateStep: (step: Step, place: Place) => Promise<string | undefined>
  /** The id of a new operation. */
  readonly newOperation: () => string
  /** Told what the operator should know at once, and what stops nothing. */
  readonly warn: (text: string) => void
  readonly exclusively: <T>(project: string, doing: string, work: () => Promise<T>) => Promise<T>
}

type Record = (outcome: StepOutcome) => void

/** Carries out the steps of one stage side by side; those that Compose does go into one run of it. */
export async function carryOutStage(
  steps: readonly Step[],
  stack: DeclaredStack,
  hands: Hands,
  watch: Watch,
  record: Record,
): Promise<void> {
  const created = steps.filter(({action}) => action === 'create' || action === 'recreate')
  const creations = created.filter(({guard}) => guard === undefined)
  const guarded = created.filter(({guard}) => guard !== undefined)
  const replacements = steps.filter(({action}) => action === 'replace')
  const waits = steps.filter(({action}) => action === 'wait')
  const others = steps.filter((step) => ![created, replacements, waits].some((group) => group.includes(step)))
  const shared = sharedBy(stack, hands, watch)
  const replace = (group: readonly Step[]): Promise<void> => hands.engine.composeReplace(stack, names(group))
  await Promise.all([
    createThroughCompose(creations, bringUp(stack, hands.engine), watch, record).then(() =>
      // Compose would start them whatever has become of their gateway meanwhile.
      createThroughCompose(guarded, replace, watch, record, (step) => startMade(step, shared, watch)),
    ),
    createThroughCompose(replacements, replace, watch, record),
    waitUntilReady(waits, stack, hands.engine, watch, record),
    ...others.map(async (step) => record(await attempt(step, () => perform(step, shared, watch), watch))),
  ])
}

const names = (steps: readonly Step[]): string[] => steps.map(({target}) => target)

const bringUp =
  (stack: DeclaredStack, engine: Engine) =>
  (steps: readonly Step[]): Promise<void> =>
    engine.composeUp(
      stack,
      names(steps),
      steps.some(({action}) => action === 'recreate'),
    )

/** What the starts of one stage ask together: nine looks at once keep a small machine from starting anybody. */
type Shared = {
  readonly stack: DeclaredStack
  readonly hands: Hands
  readonly engine: Engine
  /** @throws Overtaken */
  readonly requireReady: (behind: Incarnation) => Promise<void>
  /** @throws OperatorError */
  readonly untilReady: (guard: StartGuard) => Promise<void>
  /** The container that was made for a service a moment ago. */
  readonly made: (service: string) => Promise<string | undefined>
}

function sharedBy(stack: DeclaredStack, hands: Hands, {now, signal}: Watch): Shared {
  const {engine} = hands
  // Not to be cut off by Ctrl-C: a container that is made and not started is half a recreation.
  const look = sharing(() => engine.observe(stack, {partial: true}, new AbortController().signal))
  return {
    stack,
    hands,
    engine,
    requireReady: readyGuard(engine, now, signal),
    untilReady: gatewayGuard(stack, engine, {now, signal}),
    made: async (service) => (await look('')).containers.get(service)?.id,
  }
}

async function perform(step: Step, shared: Shared, watch: Watch): Promise<string | undefined> {
  const {reporter, signal} = watch
  const {engine} = shared
  switch (step.action) {
    case 'pull':
      await pullPatiently(engine, given(step.image), shared.hands.patience, (progress) => reporter.progress(step, progress), signal)
      return undefined
    case 'create-network':
      await engine.createNetwork(step.target, given(step.subnet))
      return undefined
    case 'create-folder':
      await makeFolder(step.target, given(step.owner))
      return undefined
    case 'configure':
      return writeFirst(given(step.file), step.owner)
    case 'remove-network':
      return (await engine.removeNetwork(step.target, shared.stack.project)).why
    case 'start':
    case 'restart':
      await startOrRestart(step, shared, watch)
      return undefined
    case 'stop':
    case 'remove':
      await engine[step.action](given(step.container))
      return undefined
    default:
      return shared.hands.updateStep(step, {stack: shared.stack, hands: shared.hands, signal})
  }
}

/** Its step names the container that it had before. */
const startMade = ({container: _, ...step}: Step, shared: Shared, watch: Watch): Promise<void> =>
  startOrRestart({...step, action: 'start'}, shared, watch)

/** Behind a gateway a restart is a stop and a start: between the two the gateway is looked at. */
async function startOrRestart(step: Step, {engine, made, requireReady, untilReady}: Shared, {signal}: Watch): Promise<void> {
  const {action, behind, guard, target} = step
  if (action === 'restart' && behind === undefined && guard === undefined) return engine.restart(given(step.container))
  if (action === 'restart') await engine.stop(given(step.container))
  const container = step.container ?? (await made(target))
  if (guard !== undefined) await untilReady(guard)
  if (behind === undefined) return engine.start(given(container))
  await requireReady(behind)
  try {
    await engine.start(given(container))
  } catch (error) {
    // Somebody else made a new one of it meanwhile.
    if ((await engine.inspect(given(container), signal)) === undefined) throw new Overtaken(`${target} has another container by now`)
    throw error
  }
}

/** A planner that leaves out what its step needs is a bug. */
function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the step does not say on what')
  return value
}

/** How often a pull is tried, and how long before the second attempt, milliseconds; each wait is twice the last. */
type Patience = {readonly attempts: number; readonly backoffMs: number}

/** A registry that accepts a connection and then says nothing holds a pull for ever, milliseconds. */
const STALLED_MS = 120_000

/** Pulls an image; what may pass by itself is tried again. Layers that are here already are not fetched again. */
export async function pullPatiently(
  engine: Engine,
  image: string,
  patience: Patience,
  onProgress: (progress: PullProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      return await pullOnce(engine, image, onProgress, signal)
    } catch (error) {
      if (signal.aborted || tried >= patience.attempts || !(error instanceof OperatorError) || !error.passing) throw error
    }
    await sleep(patience.backoffMs * 2 ** (tried - 1), undefined, {signal})
  }
}

async function pullOnce(engine: Engine, image: string, onProgress: (progress: PullProgress) => void, signal: AbortSignal): Promise<void> {
  const ours = new AbortController()
  const stop = (): void => ours.abort(signal.reason)
  signal.addEventListener('abort', stop, {once: true})
  const stalled = (): void =>
    ours.abort(new OperatorError(`Pulling ${image} has stalled: nothing came for ${STALLED_MS / 1000} s.`, {passing: true}))
  let timer = setTimeout(stalled, STALLED_MS)
  try {
    await engine.pull(
      image,
      (progress) => {
        clearTimeout(timer)
        timer = setTimeout(stalled, STALLED_MS)
        onProgress(progress)
      },
      ours.signal,
    )
  } catch (error) {
    throw ours.signal.aborted && !signal.aborted ? ours.signal.reason : error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

export type Work = {readonly hands: Hands; readonly reporter: Reporter; readonly signal: AbortSignal}
