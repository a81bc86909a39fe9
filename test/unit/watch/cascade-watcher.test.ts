import {describe, expect, it} from 'vitest'
import type {CascadeHands} from '../../../src/lib/cascade/observe.js'
import {silent} from '../../../src/lib/model/plan.js'
import type {DeclaredStack} from '../../../src/lib/model/stack.js'
import {cascadeWatcher} from '../../../src/lib/watch/cascade-watcher.js'
import {heartbeat, type Heartbeat} from '../../../src/lib/watch/heartbeat.js'
import {handsOf} from '../../support/unit/carry-out.js'
import {aMemory, anEpisode, parked, RULES} from '../../support/unit/cascade.js'
import {FaultyDocker} from '../../support/unit/faulty-docker.js'
import {listeningLog} from '../../support/unit/log.js'
import {Notebooks} from '../../support/unit/notebooks.js'
import {STARTED} from '../../support/unit/observed.js'
import {aStack, torrent} from '../../support/unit/stack.js'
import {virtualTime, type VirtualTime} from '../../support/unit/virtual-time.js'

type Watched = {
  readonly docker: FaultyDocker
  readonly books: Notebooks
  readonly time: VirtualTime
  readonly beat: Heartbeat
  readonly lines: string[]
  readonly stop: () => Promise<void>
}

const MANNERS = {stopMs: 100, replaceMs: 100, warmUpMs: 2_000, checks: true, proves: true}

/** A watcher at work in virtual time. */
async function watched(
  work: (watched: Watched) => Promise<void>,
  stack: DeclaredStack = torrent(),
  more: Partial<CascadeHands> = {},
): Promise<void> {
  const time = virtualTime(STARTED + 600_000)
  const stopping = new AbortController()
  try {
    const docker = new FaultyDocker(stack, MANNERS).launch([])
    const books = new Notebooks()
    const {log, lines} = listeningLog()
    const beat = heartbeat('cascade', Date.now)
    const hands = {...handsOf(docker), journal: books.journal, memory: books.memory, notifier: books.notifier, ...more}
    const run = cascadeWatcher({
      name: 'cascade torrent',
      declare: () => Promise.resolve({stack, hands}),
      notifier: books.notifier,
      rules: RULES,
      resync: 60_000,
      patience: 60_000,
      silence: 2 ** 31 - 1,
      beat,
      log,
      now: Date.now,
      reporter: silent,
    }).run(stopping.signal)
    await time.settle()
    await work({docker, books, time, beat, lines, stop: () => (stopping.abort(), run)})
  } finally {
    stopping.abort()
    time.end()
  }
}

const kinds = ({records}: Notebooks): string[] => records.map(({kind}) => kind).filter((kind) => kind !== 'step' && kind !== 'planned')

describe('the watcher', () => {
  it('has looked before it waits for who works on the stack', async () => {
    const held = new Promise<never>(() => undefined)
    const left = aMemory({parked: parked('sonarr'), episode: anEpisode()})
    await watched(
      ({beat}) => Promise.resolve(expect([beat.pulse().turns, beat.pulse().lookedAt]).toEqual([1, expect.any(Number)])),
      torrent(),
      {exclusively: () => held, memory: {read: () => Promise.resolve(left), write: () => Promise.resolve()}},
    )
  })

  it('brings back at the event, and tells once that it did', () =>
    watched(async ({docker, books, time, lines}) => {
      docker.exit('gluetun', 0)
      docker.launchOne('gluetun')
      await time.pass(5_000)
      expect([docker.connected('sonarr'), docker.connected('qbittorrent'), kinds(books)]).toEqual([true, true, ['began', 'ended']])
      expect(books.posts.map(({title}) => title)).toEqual(['Cascade restart successful in 4.0 s'])
      expect(lines.at(-1)).toBe('info: torrent: 2 services are back behind their gateway')
    }))

  it('parks whom a daemon started before their gateway was healthy', () =>
    watched(async ({docker, books, time}) => {
      docker.exit('gluetun', 0)
      docker.exit('qbittorrent', 0)
      docker.exit('sonarr', 128, 'cannot join network of a non running container: gluetun')
      docker.launchOne('gluetun')
      docker.launchOne('qbittorrent')
      await time.pass(500)
      expect([docker.condition('gluetun'), docker.containers.get('qbittorrent')?.state]).toEqual(['starting', 'exited'])
      await time.pass(10_000)
      expect([docker.connected('qbittorrent'), docker.connected('sonarr'), kinds(books)]).toEqual([true, true, ['began', 'ended']])
    }))

  it('sees at the next resync what no event told', () =>
    watched(async ({docker, books, time}) => {
      docker.deaf = true
      docker.exit('gluetun', 0)
      docker.launchOne('gluetun')
      await time.pass(59_000)
      expect(kinds(books)).toEqual([])
      await time.pass(10_000)
      expect(docker.connected('sonarr')).toBe(true)
    }))

  it('tells once of a gateway that does not come back, and goes on waiting', () =>
    watched(async ({docker, books, time, beat}) => {
      docker.sickUntil.set('gluetun', Date.now() + 1_000_000)
      docker.exit('gluetun', 0)
      docker.launchOne('gluetun')
      await time.pass(900_000)
      expect(books.posts.map(({title}) => title)).toEqual(['Cascade restart FAILED: the gateway does not come back'])
      expect([beat.pulse().phase, docker.containers.get('sonarr')?.state]).toEqual(['gateway', 'exited'])
      await time.pass(200_000)
      expect([beat.pulse().phase, docker.connected('sonarr')]).toEqual(['whole', true])
    }))

  it('is one line and one alert while Docker is away, and looks again after it', () =>
    watched(async ({docker, books, time, beat, lines}) => {
      docker.away = true
      await time.pass(3_600_000)
      expect([lines.length, books.posts.length, beat.pulse().trouble]).toEqual([1, 1, 'Docker does not answer.'])
      docker.away = false
      await time.pass(11_000)
      expect([lines.length, beat.pulse().trouble]).toEqual([2, undefined])
    }))

  it('pauses after five cascades within an hour, and tells so once', () =>
    watched(async ({docker, books, time, lines}) => {
      for (let restart = 0; restart < 8; restart++) {
        docker.exit('gluetun', 0)
        docker.launchOne('gluetun')
        await time.pass(120_000)
      }
      const results = books.records.flatMap((record) => (record.kind === 'ended' ? [record.result] : []))
      expect(results).toEqual(['done', 'done', 'done', 'done', 'done', 'failed'])
      expect(books.posts.filter(({title}) => title.startsWith('RESTART LOOP'))).toHaveLength(1)
      expect(lines.filter((line) => line.startsWith('error'))).toHaveLength(1)
      await time.pass(3_600_000)
      expect(docker.connected('sonarr')).toBe(true)
    }))

  it('does not end a repair while another gateway of the stack has left somebody behind', () =>
    watched(
      async ({docker, books, time}) => {
        docker.sickUntil.set('sonarr', Date.now() + 60_000)
        docker.exit('gluetun', 0)
        docker.launchOne('gluetun')
        await time.pass(10_000)
        docker.exit('mullvad', 0)
        docker.launchOne('mullvad')
        await time.pass(300_000)
        expect([docker.connected('sonarr'), docker.connected('prowlarr'), kinds(books)]).toEqual([true, true, ['began', 'ended']])
      },
      aStack({gluetun: {}, sonarr: {gateway: 'gluetun'}, mullvad: {}, prowlarr: {gateway: 'mullvad'}}),
    ))

  it('has nothing to do for a stack without a gateway', () =>
    watched(
      async ({books, time, beat}) => {
        await time.pass(600_000)
        expect([beat.pulse().phase, books.writes.length]).toEqual(['whole', 0])
      },
      aStack({plex: {}}),
    ))

  it('starts what Docker could not start in a stack without a gateway, and says so once', () =>
    watched(
      async ({docker, books, time}) => {
        docker.bringUp('plex')
        docker.exit('plex', 128, 'error gathering device information while adding custom device "/dev/dri": no such file or directory')
        await time.pass(180_000)
        expect(kinds(books)).toEqual(['began', 'ended'])
        expect(books.posts.map(({title}) => title)).toEqual([expect.stringMatching(/^Started again in .*: plex$/)])
      },
      aStack({plex: {}}),
    ))

  it('ends when it is told to, also in the middle of a wait', () =>
    watched(async ({docker, books, time, stop}) => {
      docker.exit('gluetun', 0)
      docker.launchOne('gluetun')
      await time.pass(2_500)
      await stop()
      expect([books.present.episode?.services, kinds(books)]).toEqual([['qbittorrent', 'sonarr'], ['began']])
    }))
})
