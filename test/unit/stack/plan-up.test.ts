import {describe, expect, it} from 'vitest'
import {OperatorError} from '../../../src/lib/util/errors.js'
import {planStart, planUp} from '../../../src/lib/stack/plan-up.js'
import {aWorld} from '../../support/unit/observed.js'
import {anIntent, planLines, stageLines, untouchedLines} from '../../support/unit/plan-lines.js'
import {aStack, torrent} from '../../support/unit/stack.js'

const ENDED = 'cannot join network of a non running container: gluetun-1'

describe('up', () => {
  it('creates everything where nothing is, the gateway first and waited for', () => {
    expect(planLines(planUp(aWorld(torrent(), {nothing: true}), anIntent()))).toEqual([
      '1 create gluetun: it has no container yet',
      '1 create watcher: it has no container yet',
      '2 wait gluetun: nothing starts behind it before its tunnel and firewall are up',
      '3 create qbittorrent: it has no container yet',
      '4 create sonarr: it has no container yet',
      '5 wait qbittorrent: a start is only done when it is healthy',
      '5 wait sonarr: a start is only done when it is healthy',
      '5 wait watcher: a start is only done when it is healthy',
    ])
  })

  it('does nothing when everything runs as declared', () => {
    const plan = planUp(aWorld(torrent()), anIntent())
    expect(plan.stages).toEqual([])
    expect(untouchedLines(plan)).toContain('sonarr: it runs as declared')
  })

  it('waits for what runs as declared, and is not healthy: that would be no success', () => {
    const world = aWorld(torrent(), {containers: {watcher: {health: 'unhealthy'}, sonarr: {health: 'starting'}}})
    expect(planLines(planUp(world, anIntent()))).toEqual([
      '1 wait sonarr: it runs, and is not healthy',
      '1 wait watcher: it runs, and is not healthy',
    ])
    expect(untouchedLines(planUp(world, anIntent()))).not.toContain('watcher: it runs as declared')
    expect(planUp(world, anIntent({noWait: true})).stages).toEqual([])
    expect(planLines(planStart(world, anIntent({services: ['watcher']})))).toEqual(['1 wait watcher: it runs, and is not healthy'])
  })

  it('restarts what keeps ending: Docker would wait longer and longer', () => {
    const world = aWorld(torrent(), {containers: {watcher: {state: 'restarting', restarts: 5}}})
    const expected = [
      '1 restart watcher: it ended, and Docker waits before it starts it again',
      '2 wait watcher: a start is only done when it is healthy',
    ]
    expect([planLines(planUp(world, anIntent())), planLines(planStart(world, anIntent()))]).toEqual([expected, expected])
  })

  it('recreates what was declared anew and what has a newer image', () => {
    const world = aWorld(torrent(), {containers: {watcher: {configHash: 'old'}}, images: {sonarr: {id: 'sha256:newer'}}})
    expect(planLines(planUp(world, anIntent()))).toEqual([
      '1 recreate sonarr: its image is newer than its container',
      '1 recreate watcher: its declaration changed',
      '2 wait sonarr: a start is only done when it is healthy',
      '2 wait watcher: a start is only done when it is healthy',
    ])
  })

  it('restarts a dependent that joined before its gateway’s present start', () => {
    const world = aWorld(torrent(), {containers: {sonarr: {startedAt: 1}}})
    expect(planLines(planUp(world, anIntent()))).toEqual([
      '1 restart sonarr: it holds a network namespace that gluetun has left: it is cut off',
      '2 wait sonarr: a start is only done when it is healthy',
    ])
  })

  it('recreates a dependent of a gateway that is gone', () => {
    const world = aWorld(torrent(), {containers: {sonarr: {networkMode: 'container:gluetun-0'}}})
    expect(planLines(planUp(world, anIntent()))[0]).toBe('1 recreate sonarr: it belongs to a gluetun container that is gone')
  })

  it('starts a dependent that Docker ended for want of its gateway', () => {
    const world = aWorld(torrent(), {containers: {sonarr: {state: 'exited', exitCode: 128, error: ENDED}}})
    expect(planLines(planUp(world, anIntent()))[0]).toBe('1 start sonarr: Docker ended it because gluetun was not running')
  })

  it('parks running dependents before the gateway is recreated, and recreates them behind the new one', () => {
    const plan = planUp(aWorld(torrent(), {containers: {gluetun: {configHash: 'old'}}}), anIntent())
    expect(stageLines(plan)).toEqual([
      'stop qbittorrent, stop sonarr',
      'recreate gluetun',
      'wait gluetun',
      'recreate qbittorrent',
      'recreate sonarr',
      'wait qbittorrent, wait sonarr',
    ])
  })

  it('restarts a paused dependent of a restarted gateway: Docker refuses to start what is paused', () => {
    const world = aWorld(torrent(), {containers: {gluetun: {state: 'exited'}, sonarr: {state: 'paused'}}})
    expect(stageLines(planUp(world, anIntent()))).toContain('restart sonarr')
  })

  it('waits only for gates under --no-wait', () => {
    const plan = planUp(aWorld(torrent(), {nothing: true}), anIntent({noWait: true}))
    expect(stageLines(plan)).toEqual(['create gluetun, create watcher', 'wait gluetun', 'create qbittorrent', 'create sonarr'])
  })

  it('leaves alone what belongs to a profile that is off', () => {
    const stack = aStack({watcher: {}, debug: {active: false}})
    expect(stageLines(planUp(aWorld(stack, {nothing: true}), anIntent()))).toEqual(['create watcher', 'wait watcher'])
  })

  it('gives a wait its limit', () => {
    const [, wait] = planUp(aWorld(aStack({watcher: {}}), {nothing: true}), anIntent({limits: {healthy: 7}})).stages
    expect(wait?.[0]).toMatchObject({action: 'wait', limit: 7})
  })

  it('recreates under --force-recreate', () => {
    const plan = planUp(aWorld(torrent()), anIntent({force: true, services: ['watcher']}))
    expect(planLines(plan)[0]).toBe('1 recreate watcher: --force-recreate')
  })

  it('refuses a circle', () => {
    const stack = aStack({a: {needs: ['b']}, b: {needs: ['a']}})
    expect(() => planUp(aWorld(stack, {nothing: true}), anIntent())).toThrow(
      'The services a, b of torrent wait for each other: depends_on has a circle.',
    )
  })
})

describe('up sonarr', () => {
  const up = (gluetun: Parameters<typeof aWorld>[1]) => planLines(planUp(aWorld(torrent(), gluetun), anIntent({services: ['sonarr']})))

  it('starts a stopped gateway first, and everything that runs cut off behind it again', () => {
    expect(up({containers: {gluetun: {state: 'exited', exitCode: 137}}})).toEqual([
      "1 stop sonarr: it lives in gluetun's network namespace, which goes away",
      "1 stop qbittorrent: it lives in gluetun's network namespace, which goes away",
      '2 start gluetun: sonarr needs it, and it is stopped (exit code 137)',
      '3 wait gluetun: nothing starts behind it before its tunnel and firewall are up',
      "4 start qbittorrent: it lives in gluetun's network namespace",
      "5 start sonarr: it lives in gluetun's network namespace",
      '6 wait sonarr: a start is only done when it is healthy',
      '6 wait qbittorrent: a start is only done when it is healthy',
    ])
  })

  it('waits for an unhealthy gateway before it starts sonarr', () => {
    expect(up({containers: {gluetun: {health: 'unhealthy'}, sonarr: {state: 'exited', exitCode: 1}}})).toEqual([
      '1 wait gluetun: sonarr may not start before it is healthy',
      '2 start sonarr: it is stopped (exit code 1)',
      '3 wait sonarr: a start is only done when it is healthy',
    ])
  })

  it('creates a missing gateway, and sonarr and what it needs anew behind it', () => {
    expect(up({containers: {gluetun: null, qbittorrent: {state: 'exited'}, sonarr: {state: 'exited'}}})).toEqual([
      '1 create gluetun: sonarr needs it, and it has no container yet',
      '2 wait gluetun: nothing starts behind it before its tunnel and firewall are up',
      '3 recreate qbittorrent: sonarr needs it, and it belongs to a gluetun container that is gone',
      '4 recreate sonarr: it belongs to a gluetun container that is gone',
      '5 wait sonarr: a start is only done when it is healthy',
      '5 wait qbittorrent: a start is only done when it is healthy',
    ])
  })

  it('leaves a running requirement and everyone else alone', () => {
    expect(up({containers: {watcher: null, sonarr: {state: 'created'}}})).toEqual([
      '1 start sonarr: it was created and never started',
      '2 wait sonarr: a start is only done when it is healthy',
    ])
  })
})

describe('up, what has to be there before', () => {
  const media = (subnet: string | undefined) => aStack({plex: {networks: ['media']}}, 'plex', [{name: 'media', subnet}])

  it('creates the shared network whose subnet is declared', () => {
    const plan = planUp(aWorld(media('172.30.0.0/24'), {nothing: true, networks: []}), anIntent())
    expect(planLines(plan)[0]).toBe('1 create-network media: the stacks share it, and it is missing')
    expect(plan.stages[0]?.[0]?.subnet).toBe('172.30.0.0/24')
  })

  it('refuses a missing network without a subnet, with the command that creates it', () => {
    const plan = () => planUp(aWorld(media(undefined), {nothing: true, networks: []}), anIntent())
    expect(plan).toThrow('The stack plex joins the external network "media", which does not exist. Nothing was done.')
    expect(errorOf(plan).next[0]).toBe('Create it: docker network create media')
  })

  it('does not mind a missing network that nothing treated joins', () => {
    expect(planUp(aWorld(media(undefined), {networks: []}), anIntent()).stages).toEqual([])
  })

  it('pulls missing images, and no image that is built here', () => {
    const stack = aStack({plex: {}, own: {built: true}})
    const plan = planUp(aWorld(stack, {nothing: true, images: {plex: {id: undefined}, own: {id: undefined}}}), anIntent())
    expect(stageLines(plan)).toEqual(['pull plex', 'create plex, create own', 'wait plex, wait own'])
    expect(plan.stages[0]?.[0]?.image).toBe('example.org/plex:1')
  })
})

describe('start', () => {
  it('starts what is stopped and does not look at drift', () => {
    const world = aWorld(torrent(), {containers: {watcher: {state: 'exited', exitCode: 2}, sonarr: {configHash: 'old'}}})
    expect(planLines(planStart(world, anIntent()))).toEqual([
      '1 start watcher: it is stopped (exit code 2)',
      '2 wait watcher: a start is only done when it is healthy',
    ])
  })

  it('restarts what is paused', () => {
    expect(planLines(planStart(aWorld(torrent(), {containers: {watcher: {state: 'paused'}}}), anIntent()))[0]).toBe(
      '1 restart watcher: it is paused',
    )
  })
})

function errorOf(act: () => unknown): OperatorError {
  try {
    act()
  } catch (error) {
    if (error instanceof OperatorError) return error
  }
  throw new Error('no OperatorError was thrown')
}
