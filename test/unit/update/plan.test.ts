import {describe, expect, it} from 'vitest'
import {planPull, planUpdate} from '../../../src/lib/update/plan.js'
import {aWorld, type Deviations} from '../../support/unit/observed.js'
import {anIntent, planLines, stageLines, untouchedLines} from '../../support/unit/plan-lines.js'
import {aStack, torrent} from '../../support/unit/stack.js'

const SAME = (service: string) => ({remote: {digest: `sha256:${service}-digest`}})
const NEWER = {remote: {digest: 'sha256:0123456789abcdef'}}
const UNKNOWN = {remote: {unknown: 'the registry limits our requests for now'}}
const current = {gluetun: SAME('gluetun'), qbittorrent: SAME('qbittorrent'), sonarr: SAME('sonarr'), watcher: SAME('watcher')}

const world = (images: Deviations['images'], containers: Deviations['containers'] = {}) =>
  aWorld(torrent(), {images: {...current, ...images}, containers})

describe('update', () => {
  it('does nothing when nothing is new', () => {
    const plan = planUpdate(world({}), anIntent())
    expect(plan).toMatchObject({stages: [], lookAgain: false})
    expect(untouchedLines(plan)).toContain('sonarr: it runs the newest image of its tag')
  })

  it('pulls a new digest, recreates the service and waits for it', () => {
    expect(planLines(planUpdate(world({sonarr: NEWER}), anIntent()))).toEqual([
      '1 pull sonarr: the registry has a newer image, 0123456789ab',
      '2 recreate sonarr: its image is new',
      '3 wait sonarr: a start is only done when it is healthy',
    ])
  })

  it('parks the dependents of a gateway with a new image, and recreates them behind it', () => {
    expect(planLines(planUpdate(world({gluetun: NEWER}), anIntent()))).toEqual([
      '1 pull gluetun: the registry has a newer image, 0123456789ab',
      "2 stop qbittorrent: it lives in gluetun's network namespace, which goes away",
      "2 stop sonarr: it lives in gluetun's network namespace, which goes away",
      '3 recreate gluetun: its image is new',
      '4 wait gluetun: nothing starts behind it before its tunnel and firewall are up',
      '5 recreate qbittorrent: gluetun gets a new container',
      '6 recreate sonarr: gluetun gets a new container',
      '7 wait qbittorrent: a start is only done when it is healthy',
      '7 wait sonarr: a start is only done when it is healthy',
    ])
  })

  it('recreates a stopped dependent that another one needs: its container cannot join the gateway’s new one', () => {
    const plan = planUpdate(world({gluetun: NEWER}, {qbittorrent: {state: 'exited'}}), anIntent())
    expect(stageLines(plan)).toContain('recreate qbittorrent')
  })

  it('pulls the image of a stopped service and does not start it', () => {
    const plan = planUpdate(world({sonarr: NEWER}, {sonarr: {state: 'exited'}}), anIntent())
    expect(stageLines(plan)).toEqual(['pull sonarr'])
    expect(untouchedLines(plan)).toContain('sonarr: it does not run: its image is kept current, it is not started')
  })

  it('pulls and looks again where the registry could not say', () => {
    const plan = planUpdate(world({sonarr: UNKNOWN}), anIntent())
    expect(planLines(plan)).toEqual(['1 pull sonarr: only a pull can tell whether it is new: the registry limits our requests for now'])
    expect(plan.lookAgain).toBe(true)
  })

  it('does not pull in the second look, and recreates what the pull brought', () => {
    const images = {sonarr: {...UNKNOWN, id: 'sha256:brought'}}
    const plan = planUpdate(world(images), anIntent({pulled: new Set(['example.org/sonarr:1'])}))
    expect(planLines(plan)).toEqual([
      '1 recreate sonarr: its image is newer than its container',
      '2 wait sonarr: a start is only done when it is healthy',
    ])
    expect(plan.lookAgain).toBe(false)
  })

  it('does not pull what is built here', () => {
    const stack = aStack({own: {built: true}})
    expect(planUpdate(aWorld(stack, {images: {own: NEWER}}), anIntent()).stages).toEqual([])
  })

  it('recreates what was declared anew without a pull', () => {
    expect(stageLines(planUpdate(world({}, {watcher: {configHash: 'old'}}), anIntent()))).toEqual(['recreate watcher', 'wait watcher'])
  })

  it('recreates what runs under --force-recreate, and only that', () => {
    const plan = planUpdate(world({}, {watcher: {state: 'exited'}}), anIntent({force: true, services: ['watcher', 'sonarr']}))
    expect(planLines(plan)).toEqual(['1 recreate sonarr: --force-recreate', '2 wait sonarr: a start is only done when it is healthy'])
  })

  it('pulls an image once that is both missing and needed', () => {
    const plan = planUpdate(world({watcher: {id: undefined}}, {watcher: {configHash: 'old'}}), anIntent())
    expect(stageLines(plan)).toEqual(['pull watcher', 'recreate watcher', 'wait watcher'])
    expect(plan.lookAgain).toBe(true)
  })
})

describe('pull', () => {
  it('fetches what is newer and touches nothing that runs', () => {
    const plan = planPull(world({gluetun: NEWER, watcher: UNKNOWN}), anIntent())
    expect(stageLines(plan)).toEqual(['pull gluetun, pull watcher'])
    expect(plan.lookAgain).toBe(false)
    expect(untouchedLines(plan)).toEqual(['qbittorrent: its image is the newest of its tag', 'sonarr: its image is the newest of its tag'])
  })
})
