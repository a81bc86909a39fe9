import {describe, expect, it} from 'vitest'
import {planRestart} from '../../../src/lib/stack/plan-up.js'
import {planDown, planStop} from '../../../src/lib/stack/plan-down.js'
import {aWorld} from '../../support/unit/observed.js'
import {anIntent, planLines, stageLines, untouchedLines} from '../../support/unit/plan-lines.js'
import {aStack, torrent} from '../../support/unit/stack.js'

const ENDED = 'cannot join network of a non running container: gluetun-1'

describe('restart', () => {
  it('restarts the whole stack, dependents stopped first and started behind their gateway', () => {
    const plan = planRestart(aWorld(torrent()), anIntent())
    expect(planLines(plan)).toEqual([
      "1 stop qbittorrent: it lives in gluetun's network namespace, which goes away",
      "1 stop sonarr: it lives in gluetun's network namespace, which goes away",
      '2 restart gluetun: the whole stack is restarted',
      '2 restart watcher: the whole stack is restarted',
      '3 wait gluetun: nothing starts behind it before its tunnel and firewall are up',
      "4 start qbittorrent: it lives in gluetun's network namespace",
      "5 start sonarr: it lives in gluetun's network namespace",
      '6 wait qbittorrent: a start is only done when it is healthy',
      '6 wait sonarr: a start is only done when it is healthy',
      '6 wait watcher: a start is only done when it is healthy',
    ])
  })

  it('takes along who runs, and leaves stopped who was stopped', () => {
    const plan = planRestart(aWorld(torrent(), {containers: {sonarr: {state: 'exited'}}}), anIntent({services: ['gluetun']}))
    expect(stageLines(plan)).toEqual(['stop qbittorrent', 'restart gluetun', 'wait gluetun', 'start qbittorrent', 'wait qbittorrent'])
    expect(plan.notes).toEqual(['gluetun takes along what lives in its network namespace: qbittorrent'])
  })

  it('brings back whom Docker ended for want of the gateway', () => {
    const plan = planRestart(aWorld(torrent(), {containers: {sonarr: {state: 'exited', error: ENDED}}}), anIntent({services: ['gluetun']}))
    expect(stageLines(plan)).toContain('start sonarr')
  })

  it('recreates an orphan, which Docker cannot restart', () => {
    const plan = planRestart(aWorld(torrent(), {containers: {sonarr: {networkMode: 'container:gone'}}}), anIntent({services: ['sonarr']}))
    expect(stageLines(plan)).toEqual(['recreate sonarr', 'wait sonarr'])
  })

  it('does not start what a person stopped, and says so', () => {
    const plan = planRestart(aWorld(torrent(), {containers: {watcher: {state: 'exited'}}}), anIntent())
    expect(stageLines(plan).join()).not.toContain('watcher')
    expect(untouchedLines(plan)).toEqual(['watcher: it does not run; start it with up or start'])
  })

  it('starts a stopped service that was named', () => {
    const plan = planRestart(aWorld(torrent(), {containers: {watcher: {state: 'exited'}}}), anIntent({services: ['watcher']}))
    expect(stageLines(plan)).toEqual(['start watcher', 'wait watcher'])
  })
})

describe('stop', () => {
  it('stops dependents before their gateway, whoever needs another one first', () => {
    expect(planLines(planStop(aWorld(torrent()), anIntent()))).toEqual([
      '1 stop sonarr: asked for',
      '2 stop qbittorrent: asked for',
      '3 stop gluetun: asked for',
      '3 stop watcher: asked for',
    ])
  })

  it('takes along who lives behind a gateway, and says so', () => {
    const plan = planStop(aWorld(torrent()), anIntent({services: ['gluetun']}))
    expect(planLines(plan)).toEqual([
      "1 stop sonarr: it lives in gluetun's network namespace, which goes away",
      "2 stop qbittorrent: it lives in gluetun's network namespace, which goes away",
      '3 stop gluetun: asked for',
    ])
    expect(plan.notes).toEqual(['gluetun takes along what lives in its network namespace: qbittorrent, sonarr'])
  })

  it('has nothing to do for what is stopped or missing', () => {
    const plan = planStop(
      aWorld(torrent(), {containers: {watcher: {state: 'exited'}, sonarr: null}}),
      anIntent({services: ['watcher', 'sonarr']}),
    )
    expect(plan.stages).toEqual([])
    expect(untouchedLines(plan)).toEqual(['watcher: it is stopped', 'sonarr: it has no container'])
  })

  it('stops what is paused or keeps restarting', () => {
    const plan = planStop(
      aWorld(torrent(), {containers: {watcher: {state: 'paused'}, sonarr: {state: 'restarting'}}}),
      anIntent({services: ['watcher', 'sonarr']}),
    )
    expect(stageLines(plan)).toEqual(['stop watcher, stop sonarr'])
  })
})

describe('down', () => {
  const plex = aStack({plex: {networks: ['media']}, debug: {active: false}}, 'plex', [
    {name: 'media', subnet: '172.30.0.0/24'},
    {name: 'foreign', subnet: undefined},
  ])

  it('removes the containers, then its own networks, then the shared ones it could create again', () => {
    expect(planLines(planDown(aWorld(plex, {ownNetworks: ['plex_default'], containers: {debug: null}}), anIntent()))).toEqual([
      '1 remove plex: asked for',
      '2 remove-network plex_default: it belongs to this stack',
      '2 remove-network media: unless another container uses it',
    ])
  })

  it('removes stopped containers, and those of profiles that are off', () => {
    expect(stageLines(planDown(aWorld(plex, {networks: [], containers: {plex: {state: 'exited'}}}), anIntent()))).toEqual([
      'remove plex, remove debug',
    ])
  })

  it('leaves the networks when only services were named', () => {
    expect(stageLines(planDown(aWorld(plex), anIntent({services: ['plex']})))).toEqual(['remove plex'])
  })

  it('takes dependents down before their gateway', () => {
    expect(stageLines(planDown(aWorld(torrent()), anIntent({services: ['gluetun']})))).toEqual([
      'remove sonarr',
      'remove qbittorrent',
      'remove gluetun',
    ])
  })
})
