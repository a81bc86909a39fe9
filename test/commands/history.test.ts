import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {captureOutput} from '@oclif/test'
import {afterEach, describe, expect, it, vi} from 'vitest'
import History from '../../src/commands/history.js'
import {openJournal} from '../../src/lib/journal/journal.js'
import {began, ended, planned, step} from '../support/unit/records.js'
import {tempFolder} from '../support/unit/temp-folder.js'

/** oclif would look for the built program in our own folder. */
async function root(): Promise<string> {
  const folder = await tempFolder()
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({name: 'homelab', version: '0.0.0', oclif: {bin: 'homelab'}}))
  return folder
}

/** What `homelab history …` prints, with a cascade, an update of plex and a stop in the journal. */
async function history(words: string, folder?: string): Promise<string[]> {
  const state = folder ?? (await tempFolder())
  vi.stubEnv('HOMELAB_STATE', state)
  vi.stubEnv('TZ', 'UTC')
  const options = {root: await root()}
  const forget = listeners()
  const {stdout, error} = await captureOutput(() => History.run(words.split(' ').filter(Boolean), options))
  forget()
  if (error !== undefined) throw error
  return stdout.trimEnd().split('\n')
}

/** A command listens to its process until that ends, which ours does not. @returns what takes the new listeners away */
function listeners(): () => void {
  const places: [NodeJS.EventEmitter, string][] = [
    ...['SIGINT', 'SIGTERM', 'SIGHUP'].map((name): [NodeJS.EventEmitter, string] => [process, name]),
    [process.stdout, 'error'],
    [process.stderr, 'error'],
  ]
  const before = places.map(([emitter, name]) => emitter.listeners(name))
  return () =>
    places.forEach(([emitter, name], place) => {
      const added = emitter.listeners(name).filter((listener) => !before[place]?.includes(listener))
      added.forEach((listener) => emitter.off(name, listener as () => void))
    })
}

async function filled(): Promise<string> {
  const folder = await tempFolder()
  const operations = [
    [began('a'), planned('a', 'start sonarr', 'start radarr'), step('a', 'start sonarr'), step('a', 'start radarr'), ended('a')],
    [began('b', {stack: 'plex', verb: 'update'}), planned('b', 'pull plex'), step('b', 'pull plex'), ended('b')],
    [began('c', {verb: 'stop'}), planned('c', 'stop sonarr'), step('c', 'stop sonarr'), ended('c')],
  ]
  for (const record of operations.flat()) await openJournal(folder).append(record)
  return folder
}

const headlines = (lines: readonly string[]): string[] =>
  lines.filter((line) => line.startsWith('✓')).map((line) => line.split('  ')[1] ?? '')

describe('homelab history', () => {
  afterEach(() => vi.unstubAllEnvs())

  it.each([
    ['', ['torrent cascade', 'plex update', 'torrent stop']],
    ['--stack plex', ['plex update']],
    ['--service sonarr', ['torrent cascade', 'torrent stop']],
    ['-n 1', ['torrent stop']],
    ['--since 2026-11-23T02:13:42Z', ['torrent cascade', 'plex update', 'torrent stop']],
  ])('%j', async (words, shown) => expect(headlines(await history(words, await filled()))).toEqual(shown))

  it('says how many it does not show', async () => {
    expect((await history('-n 1', await filled()))[0]).toBe('2 earlier operations not shown; all of them: -n 3')
  })

  it('shows of a service only its own steps', async () => {
    const lines = await history('--service radarr', await filled())
    expect(lines.slice(1)).toEqual(['    ✓  start  radarr  why start (1.5 s)'])
  })

  it.each([
    ['--service sonar', 'No operation was about a service "sonar". Did you mean sonarr?'],
    ['--stack services', 'No operation was about a stack "services".'],
    ['--since 2026-11-23T02:13:43Z', 'Nothing was done since 2026-11-23 02:13:43 +00:00.'],
    ['--stack plex --service sonarr', 'Nothing was done that fits.'],
  ])('%s: says why there is nothing', async (words, text) => expect(await history(words, await filled())).toEqual([text]))

  it('says that nothing was done yet, and where it looked', async () => {
    const folder = await tempFolder()
    expect(await history('', folder)).toEqual([`Nothing has been done yet: ${folder} has no operation.`])
  })

  it('is data with --json', async () => {
    const data = JSON.parse((await history('--json -n 2', await filled())).join('\n')) as object
    expect(data).toMatchObject({earlier: 1, operations: [{op: 'b', steps: [{target: 'plex', result: 'done'}]}, {op: 'c'}]})
  })

  it('refuses a time that is none', async () => expect(history('--since friday')).rejects.toMatchObject({exitCode: 2}))
})
