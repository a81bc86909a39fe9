import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {open} from 'node:fs/promises'
import {beforeAll, describe, expect, it} from 'vitest'
import {childrenOf} from '../support/scenario/children.js'
import {eventually} from '../support/scenario/eventually.js'
import {gatewayHealthy, restartGateway} from '../support/scenario/faults.js'
import {PROGRAM_ARGV} from '../support/scenario/homes.js'
import {useLab} from '../support/scenario/lab.js'
import {writeSettings} from '../support/scenario/settings.js'
import type {TorrentStack} from '../support/scenario/torrent-stack.js'
import {torrentUp} from '../support/scenario/torrent-up.js'

/** What goes on when nobody reads its output any more, and what has to be wrong for it before. */
const COMMANDS: readonly (readonly [words: string, verb: string, damage: boolean])[] = [
  ['stack torrent restart', 'restart', false],
  ['stack torrent stop', 'stop', false],
  ['stack torrent start', 'start', false],
  ['stack torrent update --force-recreate', 'update', false],
  ['stack torrent down', 'down', false],
  ['stack torrent up', 'up', false],
  ['cascade', 'cascade', true],
  ['vpn reconnect', 'tunnel', false],
]

/** An SSH session that drops, and a log file on a full disk, in the middle of the work. */
describe('a command whose reader is lost', () => {
  const lab = useLab({dependents: ['sonarr']})
  let torrent: TorrentStack
  let health: string

  beforeAll(async () => {
    health = await writeSettings(lab())
    torrent = await torrentUp(lab())
  })

  const ended = (since: number, verb: string) =>
    eventually(
      async () => {
        const lines = await torrent.journalSince(since)
        const began = lines.find((line) => line.kind === 'began' && line.verb === verb)
        const end = lines.find((line) => line.kind === 'ended' && line.op === began?.op)
        return end?.kind === 'ended' ? end.result : undefined
      },
      {within: 60, what: `the end of ${verb}`},
    )
  const prepare = async (damage: boolean): Promise<number> => {
    if (damage) {
      await restartGateway(torrent)
      await gatewayHealthy(torrent)
    }
    return torrent.mark()
  }
  const env = () => ({...process.env, ...lab().env})

  it.each(COMMANDS)('writes to a full disk: homelab %s goes on to its end, and its exit code says how', async (words, verb, damage) => {
    const since = await prepare(damage)
    const full = await open('/dev/full', 'w')
    try {
      const [program, ...args] = [...PROGRAM_ARGV, ...words.split(' ')]
      const child = spawn(program, args, {env: env(), stdio: ['ignore', full.fd, full.fd]})
      expect(await once(child, 'exit')).toEqual([0, null])
    } finally {
      await full.close()
    }
    expect(await ended(since, verb)).toBe('done')
  })

  it.each(COMMANDS)('loses its terminal: homelab %s goes on to its end', async (words, verb, damage) => {
    const since = await prepare(damage)
    const terminal = inTerminal(words)
    await eventually(async () => (await torrent.begun(since, verb)).length === 1, {within: 30, what: `${verb}, begun`})
    terminal.kill('SIGKILL')
    expect(await ended(since, verb)).toBe('done')
  })

  it('loses its terminal: homelab watch goes on watching', async () => {
    await torrent.whole()
    const since = await torrent.mark()
    const terminal = inTerminal('watch cascade')
    await eventually(async () => (await fetch(health)).ok, {within: 20, what: 'a watcher'})
    const [pid = 0] = await childrenOf(terminal.pid ?? 0)
    terminal.kill('SIGKILL')
    try {
      await restartGateway(torrent)
      expect(await ended(since, 'cascade')).toBe('done')
      await torrent.whole({since, cascades: 1})
      process.kill(pid, 0)
    } finally {
      process.kill(pid, 'SIGKILL')
    }
  })

  it('has a terminal that does not know its width (0 columns): it is written as to one of 80', async () => {
    const terminal = inTerminal('stack torrent status', 'pipe')
    let shown = ''
    terminal.stdout?.on('data', (data: Buffer) => (shown += data.toString()))
    await once(terminal, 'close')
    expect(shown).toMatch(/sonarr.* healthy/)
  })

  /** A terminal of its own, which the kernel takes away when `script` ends. */
  const inTerminal = (words: string, stdout: 'ignore' | 'pipe' = 'ignore') =>
    spawn('script', ['--quiet', '--flush', '--return', '--command', `exec ${[...PROGRAM_ARGV].join(' ')} ${words}`, '/dev/null'], {
      env: env(),
      stdio: ['ignore', stdout, 'ignore'],
    })
})
