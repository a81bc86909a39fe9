import {readdir} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {normalizeArgv, VERB_WORDS} from '../../src/lib/cli/command-line.js'
import {COMMANDS} from '../../src/commands/index.js'

type Surface = {
  summary?: string
  flags?: Record<string, {char?: string; summary?: string; allowNo?: boolean}>
  baseFlags?: Surface['flags']
}

const flagText = ([name, {char, summary, allowNo}]: [string, NonNullable<Surface['flags']>[string]]): string =>
  `  ${char === undefined ? '' : `-${char}, `}--${allowNo ? '[no-]' : ''}${name}: ${summary}`

describe('the surface', () => {
  it('is every command with its flags', async () => {
    const commands = Object.entries(COMMANDS as Record<string, Surface>)
    const [, first] = commands[0]!
    const lines = [
      'everywhere',
      ...Object.entries(first.baseFlags ?? {}).map(flagText),
      ...commands.flatMap(([id, {summary, flags}]) => [`${id}: ${summary}`, ...Object.entries(flags ?? {}).map(flagText)]),
    ]
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('surface.txt')
  })

  it('has a command for every file, and a file for every command', async () => {
    const folder = path.join(import.meta.dirname, '../../src/commands')
    const files = (await readdir(folder, {recursive: true})).filter((file) => file.endsWith('.ts') && file !== 'index.ts')
    const ids = files.map((file) => file.replace(/(\/index)?\.ts$/, '').replaceAll('/', ':'))
    expect(Object.keys(COMMANDS).toSorted()).toEqual(ids.toSorted())
  })

  it('has every verb word', () => {
    expect(Object.keys(COMMANDS)).toEqual(expect.arrayContaining(VERB_WORDS.map((verb) => `stack:${verb}`)))
  })

  it('has a summary for each command', () => {
    for (const [id, {summary}] of Object.entries(COMMANDS)) expect(summary, id).toMatch(/\.$|\]$|…\]/)
  })
})

describe('normalizeArgv', () => {
  it.each([
    ['stack torrent up', 'stack up torrent'],
    ['stack up torrent', 'stack up torrent'],
    ['stack torrent update sonarr radarr', 'stack update torrent sonarr radarr'],
    ['stack --dry-run torrent up', 'stack up --dry-run torrent'],
    ['stack --home /srv torrent up', 'stack up --home /srv torrent'],
    ['stack -n 5 torrent logs', 'stack logs -n 5 torrent'],
    ['stack torrent logs -f gluetun', 'stack logs torrent -f gluetun'],
    ['stack list', 'stack list'],
    ['stack torrent', 'stack torrent'],
    ['stack torrent explode', 'stack torrent explode'],
    ['stack torrent sonarr up', 'stack torrent sonarr up'],
    ['stack --home up torrent status', 'stack status --home up torrent'],
    ['stack', 'stack'],
    ['help stack torrent up', 'stack up torrent --help'],
    ['help', '--help'],
    ['--version', '--version'],
    ['other torrent up', 'other torrent up'],
    ['', ''],
  ])('%j is %j', (typed, meant) => {
    const words = (text: string): string[] => (text === '' ? [] : text.split(' '))
    expect(normalizeArgv(words(typed))).toEqual(words(meant))
  })
})
