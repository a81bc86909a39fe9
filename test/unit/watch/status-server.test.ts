import {describe, expect, it, onTestFinished} from 'vitest'
import {healthReport, healthWatcher} from '../../../src/lib/watch/status-server.js'
import {freePort} from '../../support/unit/free-port.js'
import type {Pulse} from '../../../src/lib/watch/heartbeat.js'
import {listenAddress} from '../../../src/lib/config/load.js'

const PULSE: Pulse = {name: 'cascade torrent', startedAt: 0, turns: 3, turnedAt: 9_000, lookedAt: 9_000, phase: 'whole', trouble: undefined}

describe('where to listen', () => {
  it.each([
    ['127.0.0.1:8183', {host: '127.0.0.1', port: 8183}],
    ['[::1]:8183', {host: '::1', port: 8183}],
    ['8183', {host: '127.0.0.1', port: 8183}],
    ['off', undefined],
  ])('%s', (text, expected) => {
    expect(listenAddress(text)).toEqual(expected)
  })
})

describe('the report', () => {
  const ok = (pulse: Partial<Pulse>, now: number): boolean => healthReport([{...PULSE, ...pulse}], 180_000, now).ok

  it('is well as long as the last look is not too old', () => {
    expect([ok({}, 189_000), ok({}, 189_001)]).toEqual([true, false])
  })

  it('is not well before the first look', () => {
    expect(ok({lookedAt: undefined}, 1)).toBe(false)
  })

  it('tells of trouble, and how old the last look is', () => {
    expect(
      healthReport(
        [
          {...PULSE, trouble: 'Docker does not answer.'},
          {...PULSE, lookedAt: undefined},
        ],
        180_000,
        10_230,
      ),
    ).toEqual({
      ok: false,
      watchers: [
        {name: 'cascade torrent', phase: 'whole', lastLookSeconds: 1.2, ok: false, trouble: 'Docker does not answer.'},
        {name: 'cascade torrent', phase: 'whole', lastLookSeconds: null, ok: false},
      ],
    })
  })
})

async function served(now: number): Promise<{port: number; stop: () => Promise<void>}> {
  const port = await freePort()
  const stopping = new AbortController()
  const run = healthWatcher({host: '127.0.0.1', port, pulses: () => [PULSE], tooOld: 180_000, now: () => now, heard: () => undefined}).run(
    stopping.signal,
  )
  const stop = (): Promise<void> => (stopping.abort(), run)
  onTestFinished(stop)
  return {port, stop}
}

describe('GET /health', () => {
  it('answers 200 when all is well, else 503, and ends when it is told to', async () => {
    for (const [now, status] of [
      [10_000, 200],
      [900_000, 503],
    ] as const) {
      const {port, stop} = await served(now)
      const answer = await fetch(`http://127.0.0.1:${port}/health`)
      expect([answer.status, answer.headers.get('content-type'), ((await answer.json()) as {ok: boolean}).ok]).toEqual([
        status,
        'application/json',
        status === 200,
      ])
      await stop()
      await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow()
    }
  })

  it('answers nothing else', async () => {
    const {port} = await served(10_000)
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404)
    expect((await fetch(`http://127.0.0.1:${port}/health`, {method: 'POST'})).status).toBe(404)
  })

  it('fails with what to do when the port is taken', async () => {
    const {port} = await served(10_000)
    const second = healthWatcher({host: '127.0.0.1', port, pulses: () => [], tooOld: 1, now: () => 0, heard: () => undefined}).run(
      new AbortController().signal,
    )
    await expect(second).rejects.toMatchObject({name: 'OperatorError', next: [expect.stringContaining('watch: {listen:') as string]})
  })
})
