import {describe, expect, it} from 'vitest'
import {OperatorError} from '../../../src/lib/util/errors.js'
import {supervise, type Watcher} from '../../../src/lib/watch/supervisor.js'
import {listeningLog} from '../../support/unit/log.js'

const untilStopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), {once: true}))

async function supervised(...watchers: readonly Watcher[]): Promise<string[]> {
  const {log, lines} = listeningLog()
  const stopping = new AbortController()
  const done = supervise(watchers, log, stopping.signal, Date.now)
  await new Promise((resolve) => setTimeout(resolve, 5))
  stopping.abort()
  await done
  return lines
}

describe('watchers side by side', () => {
  it('end when they are told to, and say nothing of it', async () => {
    expect(await supervised({name: 'cascade', run: untilStopped})).toEqual([])
  })

  it('do not notice that another one failed', async () => {
    let stopped = false
    const steady = {name: 'health', run: (signal: AbortSignal) => untilStopped(signal).then(() => void (stopped = true))}
    const lines = await supervised({name: 'cascade', run: () => Promise.reject(new OperatorError('No.', {next: ['Do this.']}))}, steady)
    expect([lines, stopped]).toEqual([['error: cascade is started again, and again until it holds: No. Do this.'], true])
  })

  it('may not end by themselves', async () => {
    expect(await supervised({name: 'cascade', run: () => Promise.resolve()})).toEqual([
      'error: cascade is started again, and again until it holds: it ended by itself',
    ])
  })

  it('show the stack of a bug', async () => {
    const [line] = await supervised({name: 'cascade', run: () => Promise.reject(new Error('a bug'))})
    expect(line).toMatch(/a bug\n +at /)
  })
})
