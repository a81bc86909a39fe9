import {describe, expect, it} from 'vitest'
import type {Action, Step} from '../../../src/lib/model/plan.js'
import {failedAttempt, settle} from '../../../src/lib/cascade/limits.js'
import {NOW, RULES, aMemory, anEpisode, parked} from '../../support/unit/cascade.js'
import type {Episode} from '../../../src/lib/model/cascade.js'

type Outcome = {readonly step: Step; readonly result: 'done' | 'failed' | 'skipped' | 'cancelled'}

const outcome = (text: string): Outcome => {
  const [action, target = '', result] = text.split(' ')
  return {step: {action: action as Action, target, reason: 'a test', needs: []}, result: result as Outcome['result']}
}

const EPISODE = anEpisode({services: ['sonarr', 'radarr']})
const MEMORY = aMemory({parked: parked('sonarr', 'radarr'), episode: EPISODE})

const settled = (lines: readonly string[], before = EPISODE, memory = MEMORY) => settle(memory, before, lines.map(outcome), RULES, NOW)

describe('after the steps', () => {
  it('who was started or restarted is parked no more', () => {
    const {memory, failed} = settled(['stop sonarr done', 'start sonarr done', 'restart radarr done'])
    expect([memory.parked, failed]).toEqual([[], false])
  })

  it('who was only stopped, made anew, or left out stays parked', () => {
    const {memory, failed} = settled(['stop sonarr done', 'replace radarr done', 'start radarr skipped', 'start sonarr cancelled'])
    expect([memory.parked.map(({service}) => service), failed]).toEqual([['sonarr', 'radarr'], false])
  })

  it('one that failed makes it a failed attempt; the others are parked no more', () => {
    const {memory, failed, exhausted} = settled(['start sonarr done', 'start radarr failed'])
    expect([memory.parked.map(({service}) => service), failed, exhausted]).toEqual([['radarr'], true, false])
    expect(memory.episode).toMatchObject({attempts: 1, lastAttemptAt: NOW})
  })

  it('what had to be done again in the same start of the gateway did not help', () => {
    const before: Episode = {...EPISODE, broughtBackIn: EPISODE.situation}
    const of = (line: string, earlier = before): boolean => settled([line], earlier, {...MEMORY, episode: earlier}).failed
    expect([of('restart sonarr done'), of('replace sonarr done')]).toEqual([true, true])
    // Another service; the first time; who was held back as the gateway was not healthy for a moment; another start.
    expect([of('restart prowlarr done'), of('restart sonarr done', EPISODE), of('start sonarr done')]).toEqual([false, false, false])
    expect(settled(['restart sonarr done'], {...EPISODE, broughtBackIn: 'an earlier start'}).failed).toBe(false)
  })
})

describe('a failed attempt', () => {
  const after = (words: Partial<typeof EPISODE>) => failedAttempt(aMemory({episode: {...EPISODE, ...words}}), RULES, NOW)

  it('is told about when it was the last one, and once', () => {
    expect([0, 1, 2, 3].map((attempts) => after({attempts}).exhausted)).toEqual([false, false, true, true])
    expect(after({attempts: 2}).memory.episode).toMatchObject({attempts: 3, alerted: 'failed'})
    expect(after({attempts: 3, alerted: 'failed'}).exhausted).toBe(false)
  })

  it('of no episode changes nothing', () => {
    expect(failedAttempt(aMemory(), RULES, NOW).memory).toEqual(aMemory())
  })
})
