import {execFileSync} from 'node:child_process'
import {chmod, mkdir, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {dockerEnvironment, findHome} from '../../../src/lib/config/environment.js'
import {diagnoseEnvFile, profilesOf, readEnvFile} from '../../../src/lib/config/env-file.js'
import {keyHint} from '../../../src/lib/config/key-hints.js'
import {DEFAULTS, loadConfiguration, parseConfiguration} from '../../../src/lib/config/load.js'
import {schema, type Configuration} from '../../../src/lib/config/schema.js'
import {findStacks} from '../../../src/lib/config/stacks.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const folder = tempFolder

/** Each line is nine of the one before. */
const BOMB = [
  'a0: &a0 [x]',
  ...Array.from({length: 9}, (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(', ')}]`),
].join('\n')

describe('the configuration', () => {
  it('has the same defaults without a file as with an empty one', async () => {
    expect(schema.parse({})).toEqual(DEFAULTS)
    expect(await loadConfiguration('/nowhere/homelab.yml')).toBe(DEFAULTS)
    expect(await parseConfiguration('# nothing yet\n', 'h.yml')).toEqual(DEFAULTS)
  })

  it.each([
    ['timeouts: {healty: 3}', 'h.yml: unknown key timeouts.healty'],
    ['stacks: {plex: {afer: []}}', 'h.yml: unknown key stacks.plex.afer'],
    ['colour: red\nsize: 1', 'h.yml: unknown key colour; unknown key size'],
    ['a: [', 'h.yml is not valid YAML'],
    ['timeouts: {healthy: -1}', 'h.yml: timeouts.healthy: '],
    ['- a', 'h.yml: the file: '],
  ])('refuses %j with the path of what is wrong, 78', async (text, message) => {
    await expect(parseConfiguration(text, 'h.yml')).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining(message) as string,
    })
  })

  it.each([
    ['an alias without its anchor', 'compose: *nosuch', 'h.yml is not valid YAML: Unresolved alias'],
    ['a bomb', BOMB, 'h.yml is not valid YAML: Excessive alias count'],
    ['a key twice', 'health: {timeout: 1}\nhealth: {mediaDisk: false}', 'h.yml is not valid YAML: Map keys must be unique'],
  ])('refuses %s, 78', async (_, text, message) => {
    await expect(parseConfiguration(text, 'h.yml')).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining(message) as string,
    })
  })

  it.each([
    ['helth: {}', 'Did you mean health?'],
    ['health: {mediadisk: false}', 'Did you mean health.mediaDisk?'],
    ['updates: {services: {torrent/sonarr: {polcy: never}}}', 'Did you mean updates.services.torrent/sonarr.policy?'],
    ['stacks: {plex: {afer: []}}', 'Did you mean stacks.plex.after?'],
    ['updates: {gate: {runing: 1}}', 'Did you mean updates.gate.running?'],
  ])('suggests the key that %j means', async (text, next) => {
    await expect(parseConfiguration(text, 'h.yml')).rejects.toMatchObject({next: [next, 'Every key is explained in homelab.example.yml']})
  })

  it('suggests no key of a record, whose keys are names', () => {
    expect(keyHint(schema, ['stacks'], 'plx')).toEqual([])
    expect(keyHint(schema, ['nosuch'], 'x')).toEqual([])
  })

  it('suggests nothing for what is like no key', async () => {
    await expect(parseConfiguration('zzzzzz: 1', 'h.yml')).rejects.toMatchObject({next: ['Every key is explained in homelab.example.yml']})
  })

  it.each(['watch: {listen: "127.0.0.1:99999"}', 'vpn: {outside: ["dns://1.1.1.1:99999"]}'])(
    'refuses a port that is none: %s',
    async (text) => {
      await expect(parseConfiguration(text, 'h.yml')).rejects.toMatchObject({
        exitCode: 78,
        message: expect.stringMatching(/: its port is more than 65535$/) as string,
      })
    },
  )

  it('says which file it cannot read', async () => {
    await expect(loadConfiguration(tmpdir())).rejects.toMatchObject({exitCode: 78, message: expect.stringContaining(tmpdir()) as string})
  })
})

describe('.env', () => {
  async function env(text: string, mode = 0o600): Promise<string> {
    const file = path.join(await folder(), '.env')
    await writeFile(file, text)
    await chmod(file, mode)
    return file
  }

  it('is read', async () => {
    const file = await env('A=1\nB="two words" # a comment\nCOMPOSE_PROFILES=arr, debug,\n')
    const read = await readEnvFile(file)
    expect(read).toEqual({path: file, variables: {A: '1', B: 'two words', COMPOSE_PROFILES: 'arr, debug,'}})
    expect(profilesOf(read)).toEqual(new Set(['arr', 'debug']))
    expect(profilesOf({path: '', variables: {}})).toEqual(new Set())
  })

  it('is refused when it is missing, with the commands that make it', async () => {
    const file = path.join(await folder(), '.env')
    await expect(readEnvFile(file)).rejects.toMatchObject({
      exitCode: 78,
      message: `${file} is missing.`,
      next: [`cp ${file}.example ${file} && chmod 600 ${file}`, expect.any(String)],
    })
  })

  it('is refused when it is a folder', async () => {
    const file = path.join(await folder(), '.env')
    await mkdir(file)
    await expect(readEnvFile(file)).rejects.toMatchObject({exitCode: 78, message: `${file} is no file.`})
    expect(await diagnoseEnvFile(file)).toMatchObject({file: {variables: {}}, problem: {exitCode: 78}})
  })

  it.each([0o644, 0o640, 0o602])('is refused when others may read or write it', async (mode) => {
    const file = await env('A=1', mode)
    await expect(readEnvFile(file)).rejects.toMatchObject({
      exitCode: 78,
      next: [`chmod 600 ${file}`],
      message: expect.stringContaining(`(mode ${mode.toString(8)})`) as string,
    })
  })

  it('is refused with the example’s placeholders, and names them', async () => {
    const file = await env('A=replace-me\nB=2\nC=replace-me')
    await expect(readEnvFile(file)).rejects.toMatchObject({exitCode: 78, message: `${file} still has the example's "replace-me" as A, C.`})
  })
})

describe('what docker may see of our environment', () => {
  it('is its own, and nothing that Compose would take for a variable of a stack', () => {
    const seen = dockerEnvironment({
      PATH: '/bin',
      DOCKER_HOST: 'unix:///x',
      https_proxy: 'p',
      TZ: 'UTC',
      COMPOSE_PROJECT_NAME: 'x',
      PUID: '0',
      HOME: undefined,
    })
    expect(seen).toEqual({PATH: '/bin', DOCKER_HOST: 'unix:///x', https_proxy: 'p'})
  })
})

describe('findHome', () => {
  it('takes --home, then HOMELAB_HOME, then where it is installed', () => {
    expect(findHome('/flag', {HOMELAB_HOME: '/env'}, '/opt')).toEqual({folder: '/flag', configFile: '/flag/homelab.yml'})
    expect(findHome(undefined, {HOMELAB_HOME: '/env'}, '/opt').folder).toBe('/env')
    expect(findHome(undefined, {HOMELAB_CONFIG: '/etc/homelab.yml'}, '/opt')).toEqual({folder: '/opt', configFile: '/etc/homelab.yml'})
  })
})

describe('findStacks', () => {
  async function find(files: readonly string[], stacks: Configuration['stacks'] = {}) {
    const dir = await folder()
    await Promise.all(files.map((file) => writeFile(path.join(dir, file), 'services: {}\n')))
    const found = await findStacks(dir, {...DEFAULTS, stacks}, ['all', 'up'])
    return found.map(({name, files: own}) => `${name}: ${own.map((file) => path.relative(dir, file)).join(' ')}`)
  }

  it('finds one a file, sorted, with its override after it', async () => {
    expect(
      await find(['torrent.yml', 'torrent.override.yml', 'torrent.pins.yml', 'plex.yaml', '.env.yml', 'README.md', 'Big.yml']),
    ).toEqual(['plex: plex.yaml', 'torrent: torrent.yml torrent.override.yml torrent.pins.yml'])
  })

  it('merges our pins last, also into what the configuration puts together, and takes them for no stack', async () => {
    expect(await find(['plex.yml', 'other.pins.yml', 'plex.pins.yml', 'plex.pins.yaml'])).toEqual(['plex: plex.yml plex.pins.yml'])
    const files = ['torrent.yml', 'arr.yml', 'media.pins.yml', 'torrent.pins.yml']
    expect(await find(files, {media: {files: ['torrent.yml', 'arr.yml'], after: []}})).toEqual([
      'media: torrent.yml arr.yml media.pins.yml',
    ])
    expect(await find(files, {media: {files: ['torrent.yml', 'media.pins.yml', './arr.yml'], after: []}})).toEqual([
      'media: torrent.yml arr.yml media.pins.yml',
    ])
    await expect(find(['torrent.pins.yml'])).rejects.toMatchObject({exitCode: 78})
  })

  it('puts together what the configuration says, once', async () => {
    expect(await find(['torrent.yml', 'arr.yml'], {torrent: {files: ['torrent.yml', 'arr.yml'], after: []}})).toEqual([
      'torrent: torrent.yml arr.yml',
    ])
    expect(await find(['torrent.yml'], {torrent: {files: ['./torrent.yml'], after: []}})).toEqual(['torrent: torrent.yml'])
    expect(await find(['torrent.yml', 'other.yml'], {torrent: {files: ['other.yml'], after: []}})).toEqual(['torrent: other.yml'])
  })

  it('refuses the words of the command line, and stacks that are not there', async () => {
    await expect(find(['all.yml'])).rejects.toMatchObject({
      exitCode: 78,
      message: 'A stack cannot be called "all": that is a word of the command line.',
    })
    await expect(find(['plex.yml'], {plex: {after: ['torent']}})).rejects.toMatchObject({exitCode: 78, next: ['Stacks: plex']})
    await expect(find(['plex.yml'], {plx: {after: []}})).rejects.toThrow(
      'The configuration names the stack "plx", which has no Compose file.',
    )
  })

  it('refuses stacks that wait for each other, and one that waits for itself', async () => {
    const after = (...names: string[]) => ({after: names})
    await expect(find(['a.yml', 'b.yml', 'c.yml'], {a: after('b'), b: after('c'), c: after('a')})).rejects.toMatchObject({
      exitCode: 78,
      message: 'In the configuration these stacks come after each other: a → b → c → a.',
    })
    await expect(find(['a.yml'], {a: after('a')})).rejects.toThrow('a → a')
    expect(await find(['a.yml', 'b.yml', 'c.yml'], {a: after('b', 'c'), b: after('c')})).toHaveLength(3)
  })

  it('takes for no stack what is beside the Compose files, and for one what it cannot read', async () => {
    const dir = await folder()
    const texts = {
      'dependabot.yml': 'version: 2\nupdates: []\n',
      'empty.yml': '',
      'settings.yaml': 'torrent:\n  services: 3\n',
      'torrent.yml': '# services:\nname: x\nservices:\n  one: {image: a}\n',
      'parts.yml': 'include:\n  - torrent.yml\n',
      'quoted.yml': '"services": {}\n',
      'flow.yml': '{services: {one: {image: a}}}\n',
    }
    await Promise.all(Object.entries(texts).map(([name, text]) => writeFile(path.join(dir, name), text)))
    await mkdir(path.join(dir, 'folder.yml'))
    execFileSync('mkfifo', [path.join(dir, 'pipe.yml')])
    const names = (await findStacks(dir, DEFAULTS, [])).map(({name}) => name)
    expect(names).toEqual(['flow', 'folder', 'parts', 'quoted', 'torrent'])
  })

  it('refuses a folder that is not there, 78', async () => {
    await expect(findStacks('/nowhere', DEFAULTS, [])).rejects.toMatchObject({exitCode: 78})
  })
})
