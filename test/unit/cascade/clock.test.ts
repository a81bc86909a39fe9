import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {gatewayCondition} from '../../../src/lib/model/gateway.js'
import {aMemory, anEpisode, decided, NOW, parked, RULES, STALE, STOPPED} from '../../support/unit/cascade.js'
import {aContainer, aWorld} from '../../support/unit/observed.js'
import {torrent} from '../../support/unit/stack.js'
import type {CascadeMemory} from '../../../src/lib/model/cascade.js'

const cutOff = aWorld(torrent(), {containers: {sonarr: STALE}})
/** The longest pause that the rules know, milliseconds, with the look after it. */
const LONGEST = Math.max(RULES.pause * 1000, 900_000) + 1_000
const YEAR = 365 * 86_400_000
const moment = fc.integer({min: NOW - YEAR, max: NOW + YEAR})
const memories = fc
  .record({
    attempts: fc.integer({min: 0, max: 6}),
    lastAttemptAt: moment,
    startedAt: moment,
    paused: fc.option(moment),
    cascades: fc.array(moment, {maxLength: RULES.perHour}),
  })
  .map(({attempts, lastAttemptAt, startedAt, paused, cascades}) =>
    aMemory({
      cascades: cascades.toSorted((one, other) => one - other),
      episode: anEpisode({attempts, lastAttemptAt, startedAt}),
      ...(paused !== null && {pausedUntil: paused}),
    }),
  )

/** Looks when the decision says so, and writes down what it says. @returns Milliseconds until something is repaired. */
function untilRepaired(memory: CascadeMemory, from: number): number {
  let known = memory
  for (let at = from, looks = 0; at - from <= 2 * YEAR && looks < 20; looks++) {
    const decision = decided(cutOff, known, {now: at})
    if (decision.phase === 'repair') return at - from
    known = decision.memory
    at += Math.max(1, decision.recheckMs ?? 1_000)
  }
  return Infinity
}

describe('a clock that was set back', () => {
  it.each<[string, CascadeMemory]>([
    ['after an attempt that failed', aMemory({episode: anEpisode({attempts: 1, lastAttemptAt: NOW + 86_400_000})})],
    ['in the pause after a restart loop', aMemory({pausedUntil: NOW + 86_400_000})],
    ['after many cascades', aMemory({cascades: [1, 2, 3, 4, 5].map((hour) => NOW + hour * 3_600_000)})],
  ])('%s: services are not cut off for longer than the rules say', (_, memory) => {
    expect(untilRepaired(memory, NOW)).toBeLessThanOrEqual(LONGEST)
  })

  it('whatever is remembered: a repair begins within the longest pause of the rules', () => {
    fc.assert(fc.property(memories, (memory) => untilRepaired(memory, NOW) <= 2 * LONGEST))
  })

  it('does not put off the word that a gateway does not come back', () => {
    const away = aWorld(torrent(), {containers: {gluetun: {health: 'starting'}, qbittorrent: STOPPED, sonarr: STOPPED}})
    const memory = aMemory({parked: parked('gluetun', 'qbittorrent', 'sonarr'), episode: anEpisode({startedAt: NOW + 86_400_000})})
    const {phase, recheckMs} = decided(away, memory, {now: NOW})
    expect(phase).toBe('gateway')
    expect(recheckMs).toBeLessThanOrEqual(RULES.gateway * 1000)
  })

  it('does not keep a gateway without a health check starting', () => {
    const gateway = (startedAt: number) => gatewayCondition(aContainer('gluetun', {health: 'none', state: 'running', startedAt}), NOW)
    expect([NOW - 3_000, NOW - 2_999, NOW + 3_000, NOW + 3_001, NOW + 86_400_000].map(gateway)).toEqual([
      'ready',
      'starting',
      'starting',
      'ready',
      'ready',
    ])
  })
})
