import {describe, expect, it} from 'vitest'
import {stepsOf} from '../../../src/lib/model/plan.js'
import {cascadeStages, verifyStage} from '../../../src/lib/cascade/stages.js'
import {CUT, GONE, NOW, RULES, STALE, STOPPED, decided, diagnosed, stagesText} from '../../support/unit/cascade.js'
import {aWorld, STARTED, type Deviations} from '../../support/unit/observed.js'
import {aStack} from '../../support/unit/stack.js'

const stack = aStack({
  gluetun: {},
  prowlarr: {gateway: 'gluetun'},
  qbittorrent: {gateway: 'gluetun'},
  radarr: {gateway: 'gluetun'},
  sonarr: {gateway: 'gluetun'},
})

function stagesOf(containers: Deviations['containers'] & object) {
  const world = aWorld(stack, {containers})
  return cascadeStages(world, diagnosed(world), RULES, NOW)
}

const MIXED = {prowlarr: CUT, qbittorrent: STALE, radarr: GONE}

describe('cascadeStages', () => {
  it('stops, makes anew, and starts and restarts side by side, behind a gateway that is ready', () => {
    const {now, later} = stagesOf(MIXED)
    expect(stagesText(now)).toEqual(['stop radarr', 'replace radarr', 'start prowlarr, start radarr, restart qbittorrent'])
    expect(stagesText(later)).toEqual(['wait prowlarr, wait qbittorrent, wait radarr'])
  })

  it('leaves everything that starts for later, while it is not', () => {
    const {now, gate, later} = stagesOf({...MIXED, gluetun: {health: 'starting'}})
    expect(stagesText(now)).toEqual(['stop qbittorrent, stop radarr, stop sonarr', 'replace radarr'])
    expect(stagesText([gate, ...later])).toEqual([
      'wait gluetun',
      'start prowlarr, start qbittorrent, start radarr, start sonarr',
      'wait prowlarr, wait qbittorrent, wait radarr, wait sonarr',
    ])
  })

  it('makes nothing anew before there is a gateway to name', () => {
    const {now, gate, later} = stagesOf({...MIXED, gluetun: null})
    expect(stagesText(now)).toEqual(['stop qbittorrent, stop radarr, stop sonarr'])
    expect(stagesText([gate, ...later]).slice(0, 2)).toEqual([
      'wait gluetun',
      'replace prowlarr, replace qbittorrent, replace radarr, replace sonarr',
    ])
  })

  it('binds each start to the present start of its gateway, and to the container if that is known', () => {
    const starts = stagesOf(MIXED).now.at(-1) ?? []
    const behind = {service: 'gluetun', container: 'gluetun-1', startedAt: STARTED - 1000}
    expect(starts.map(({target, container, needs}) => [target, container, needs])).toEqual([
      ['prowlarr', 'prowlarr-1', ['gluetun']],
      ['radarr', undefined, ['gluetun']],
      ['qbittorrent', 'qbittorrent-1', ['gluetun']],
    ])
    expect(starts.map((step) => step.behind)).toEqual([behind, behind, behind])
  })

  it('has nothing for a stack that is whole, or that its operator stopped', () => {
    expect(stagesOf({})).toEqual({now: [], gate: [], later: []})
    expect(stagesOf({prowlarr: STOPPED, qbittorrent: STOPPED, radarr: STOPPED, sonarr: STOPPED, gluetun: STOPPED})).toEqual({
      now: [],
      gate: [],
      later: [],
    })
  })
})

describe('verifyStage', () => {
  it('waits as long as the rules say, for a dependent where it belongs', () => {
    const world = aWorld(stack)
    const diagnoses = diagnosed(world).slice(0, 2)
    expect(verifyStage(world, diagnoses, RULES).map(({target, limit, behind}) => [target, limit, behind?.container])).toEqual([
      ['gluetun', 300, undefined],
      ['prowlarr', 120, 'gluetun-1'],
    ])
  })
})

describe('every step of a cascade', () => {
  it('has a reason', () => {
    expect(stepsOf(decided(aWorld(stack, {containers: MIXED})).plan).filter(({reason}) => reason === '')).toEqual([])
  })
})
