import {describe, expect, it} from 'vitest'
import type {Diagnosis} from '../../../src/lib/cascade/diagnose.js'
import {judge, withoutEpisode} from '../../../src/lib/cascade/result.js'
import {aMemory, anEpisode} from '../../support/unit/cascade.js'

const EPISODE = anEpisode({services: ['sonarr', 'radarr']})

const found = (service: string, fine: boolean, reason = 'a test'): Diagnosis => ({service, gateway: 'gluetun', course: [], fine, reason})

const BACK = [found('gluetun', true), found('sonarr', true), found('radarr', true), found('prowlarr', true)]

describe('an episode in which nothing is left to do', () => {
  it('is done when all who were touched are back', () => {
    expect(judge(EPISODE, BACK, [])).toMatchObject({
      result: 'done',
      back: ['sonarr', 'radarr'],
      summary: '2 services are back behind their gateway',
    })
  })

  it('is unhealthy when one of them is not well, or could not be looked at', () => {
    const ill = judge(EPISODE, BACK, [{service: 'sonarr', why: 'refused'}])
    expect(ill).toMatchObject({
      result: 'unhealthy',
      summary: '1 of 2 services is not well: sonarr',
      unwell: [{service: 'sonarr', why: 'refused'}],
    })
    const unseen = judge(EPISODE, [found('sonarr', true), found('radarr', false, 'it could not be looked at: it hangs')], [])
    expect(unseen).toMatchObject({result: 'unhealthy', unwell: [{service: 'radarr', why: 'it could not be looked at: it hangs'}]})
  })

  it('does not speak of one that it never touched', () => {
    expect(judge(EPISODE, BACK, [{service: 'prowlarr', why: 'refused'}])).toMatchObject({result: 'done', unwell: []})
  })

  it('does not call ill whom its operator stopped while it was waited for, only who ended by itself', () => {
    const unwell = [{service: 'radarr', why: 'it ended with exit code 0'}]
    const stopped = [found('sonarr', true), found('radarr', false, 'its operator stopped it (exit code 0)')]
    expect(judge(EPISODE, stopped, unwell)).toMatchObject({
      result: 'done',
      unwell: [],
      summary: expect.stringContaining('stopped meanwhile: radarr') as string,
    })
    const crashed = [found('sonarr', true), found('radarr', false, 'its operator stopped it (exit code 3)')]
    expect(judge(EPISODE, crashed, unwell)).toMatchObject({result: 'unhealthy', unwell})
  })

  it('tells of those whom their operator stopped meanwhile', () => {
    expect(judge(EPISODE, [found('sonarr', true), found('radarr', false)], [])).toMatchObject({
      result: 'done',
      summary: '1 service is back behind its gateway; stopped meanwhile: radarr',
    })
  })

  it('is cancelled when nobody is left, or somebody else was faster', () => {
    expect(judge(EPISODE, [found('sonarr', false), found('radarr', false)], [])).toMatchObject({
      result: 'cancelled',
      summary: 'its services were stopped meanwhile',
    })
    expect(judge(anEpisode(), BACK, [])).toMatchObject({result: 'cancelled', summary: 'somebody else repaired it'})
  })

  it('is forgotten then, and nothing else is', () => {
    const memory = aMemory({cascades: [1]})
    expect(withoutEpisode({...memory, episode: EPISODE})).toEqual(memory)
  })
})
