import {expect, it, vi, beforeEach, afterEach} from 'vitest'
import {answered, DockerHangs, type Patience} from '../../../src/lib/docker/api-call.js'

const never = (): Promise<never> => new Promise(() => undefined)
const at = <T>(milliseconds: number, value: T): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(value), milliseconds))
const forever = new AbortController().signal
const patience = (more: Partial<Patience> = {}): Patience => ({limit: 20, silence: {before: 1_000, ping: 6_000}, ping: never, ...more})

/** When it ended, in milliseconds, and how. */
async function ended(question: Promise<unknown>): Promise<[number, unknown]> {
  const began = Date.now()
  let result: unknown
  const over = question.then(
    (value) => (result = value),
    (error: unknown) => (result = error),
  )
  for (let step = 0; step < 300 && result === undefined; step++) await vi.advanceTimersByTimeAsync(100)
  await over
  return [Date.now() - began, result]
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('is what was asked; a quick answer is never pinged for', async () => {
  const ping = vi.fn(never)
  expect(await ended(answered(() => at(900, 'yes'), patience({ping}), forever))).toEqual([900, 'yes'])
  await vi.advanceTimersByTimeAsync(10_000)
  expect(ping).not.toHaveBeenCalled()
})

it('ends with a silence that no ping breaks', async () => {
  const [after, error] = await ended(answered(never, patience(), forever))
  expect([after, error instanceof DockerHangs, String(error)]).toEqual([7_000, true, 'OperatorError: Docker has not answered for 7 s.'])
})

it('waits to its limit for a daemon that answers a ping, or refuses one', async () => {
  for (const ping of [() => at(5_900, 'OK'), () => Promise.reject(new Error('refused'))]) {
    expect(await ended(answered(() => at(15_000, 'late'), patience({ping}), forever))).toEqual([15_000, 'late'])
    const [after, error] = await ended(answered(never, patience({ping}), forever))
    expect([after, error instanceof DockerHangs, String(error)]).toEqual([
      20_000,
      false,
      'OperatorError: Docker has not answered for 20 s.',
    ])
  }
})

it('cuts off what is still open at its end, however it ends', async () => {
  const signals: AbortSignal[] = []
  const asking = (answer: () => Promise<unknown>) => (signal: AbortSignal) => {
    signals.push(signal)
    return answer()
  }
  await ended(
    answered(
      asking(() => at(10, 'yes')),
      patience(),
      forever,
    ),
  )
  await ended(
    answered(
      asking(() => Promise.reject(new Error('no'))),
      patience(),
      forever,
    ),
  )
  await ended(answered(asking(never), patience(), forever))
  const caller = new AbortController()
  setTimeout(() => caller.abort(new Error('enough')), 500)
  expect(String((await ended(answered(asking(never), patience(), caller.signal)))[1])).toBe('Error: enough')
  expect(signals.map(({aborted}) => aborted)).toEqual([true, true, true, true])
})
