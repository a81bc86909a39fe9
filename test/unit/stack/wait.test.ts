import {describe, expect, it} from 'vitest'
import {silent, type StepOutcome} from '../../../src/lib/model/plan.js'
import {waitUntilReady} from '../../../src/lib/stack/wait.js'
import type {ObservedContainer} from '../../../src/lib/model/container.js'
import {waitStep} from '../../../src/lib/stack/stages.js'
import {never, outcomeLines} from '../../support/unit/carry-out.js'
import {MemoryEngine} from '../../support/unit/memory-engine.js'
import {observedOf} from '../../support/unit/observed.js'
import {anIntent} from '../../support/unit/plan-lines.js'
import {aStack} from '../../support/unit/stack.js'

const stack = aStack({plex: {}, job: {restarts: false}})

function plexThat(words: Partial<ObservedContainer>): MemoryEngine {
  return new MemoryEngine(stack).load(observedOf(stack, {containers: {plex: words}}))
}

async function wait(engine: MemoryEngine, seconds = 5, service = 'plex'): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = []
  const step = waitStep(service, anIntent({limits: {healthy: seconds}}), 'a test')
  await waitUntilReady([step], stack, engine, {reporter: silent, now: Date.now, signal: never}, (outcome) => outcomes.push(outcome))
  return outcomes
}

describe('waitUntilReady', () => {
  it('ends with the event that makes it healthy, long before the next look', async () => {
    const engine = plexThat({health: 'starting'})
    setTimeout(() => engine.become('plex', {health: 'healthy'}), 30)
    const [outcome] = await wait(engine)
    expect(outcomeLines([outcome!])).toEqual(['wait plex: done (healthy)'])
    expect(outcome!.seconds).toBeLessThan(1)
  })

  it('is lost as soon as it ends', async () => {
    const engine = plexThat({health: 'starting'})
    setTimeout(() => engine.become('plex', {state: 'exited', exitCode: 137}, 'die'), 30)
    const [outcome] = await wait(engine)
    expect(outcomeLines([outcome!])).toEqual(['wait plex: failed (plex did not come up: it ended with exit code 137.)'])
    expect(outcome!.error).toMatchObject({next: ['Read its log: homelab stack torrent logs plex -n 50']})
  })

  it('lets one try again that ended often before somebody mended it', async () => {
    const engine = plexThat({health: 'starting', restarts: 6})
    setTimeout(() => engine.become('plex', {health: 'healthy'}), 30)
    expect(outcomeLines(await wait(engine))).toEqual(['wait plex: done (healthy)'])
  })

  it('is lost as soon as one that ended often ends once more', async () => {
    const engine = plexThat({health: 'starting', restarts: 6})
    setTimeout(() => engine.become('plex', {state: 'restarting', restarts: 7, exitCode: 5}, 'die'), 30)
    expect(outcomeLines(await wait(engine))).toEqual([
      'wait plex: failed (plex did not come up: it keeps ending (7 restarts, exit code 5).)',
    ])
  })

  it('is lost when its container is gone', async () => {
    const engine = plexThat({})
    engine.containers.delete('plex')
    expect(outcomeLines(await wait(engine))).toEqual(['wait plex: failed (plex did not come up: it has no container.)'])
  })

  it('gives up at its limit, with the last health check’s first line', async () => {
    const outcomes = await wait(plexThat({health: 'unhealthy', healthOutput: 'curl: (7) refused\nmore'}), 0.05)
    expect(outcomeLines(outcomes)).toEqual([
      'wait plex: failed (plex is not healthy after 0.05 s. Its last health check said: curl: (7) refused)',
    ])
    expect(outcomes[0]?.error).toMatchObject({detail: 'curl: (7) refused\nmore'})
  })

  it('takes a job that ended with success for arrived', async () => {
    const engine = new MemoryEngine(stack).load(observedOf(stack, {containers: {job: {state: 'exited', exitCode: 0}}}))
    expect(outcomeLines(await wait(engine, 5, 'job'))).toEqual(['wait job: done (it ended, with success)'])
  })

  it('unsubscribes', async () => {
    const engine = plexThat({})
    let ended = false
    const events = engine.events.bind(engine)
    engine.events = async function* (project, signal) {
      yield* events(project, signal)
      ended = true
    }
    await wait(engine)
    await new Promise((resolve) => setTimeout(resolve))
    expect(ended).toBe(true)
  })
})
