import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {execa} from 'execa'
import fc from 'fast-check'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {parseDotenv} from '../../src/lib/config/dotenv.js'

const NAMES = ['A', 'B', 'C', 'OUTER'] as const
const OUTER = {OUTER: 'from the environment'}
const UNSET = '<unset>'

/** `.env` as homelab reads it, held against `docker compose config` in the same folder. */
describe('.env', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'homelab-env-'))
    const shown = NAMES.map((name) => `      ${name}: "\${${name}-${UNSET}}"\n`).join('')
    await writeFile(path.join(folder, 'compose.yml'), `services:\n  one:\n    image: a\n    environment:\n${shown}`)
  })
  afterAll(() => rm(folder, {recursive: true, force: true}))

  /** undefined: refused. The environment wins over the file. */
  const compose = async (text: string): Promise<Record<string, string> | undefined> => {
    await writeFile(path.join(folder, '.env'), text)
    const env = {PATH: process.env.PATH, HOME: folder, ...OUTER}
    const words = ['compose', '-f', 'compose.yml', 'config', '--format', 'json']
    const {exitCode, stdout} = await execa('docker', words, {cwd: folder, env, extendEnv: false, reject: false})
    if (exitCode !== 0) return undefined
    const {services} = JSON.parse(stdout) as {services: {one: {environment: Record<string, string>}}}
    // What is printed is a Compose file again: a $ is doubled.
    return Object.fromEntries(Object.entries(services.one.environment).map(([name, value]) => [name, value.replaceAll('$$', '$')]))
  }
  const ours = (text: string): Record<string, string> | undefined => {
    const lookup = (name: string): string | undefined => (OUTER as Record<string, string>)[name]
    try {
      const found = parseDotenv(text, lookup)
      return Object.fromEntries(NAMES.map((name) => [name, lookup(name) ?? found[name] ?? UNSET]))
    } catch {
      return undefined
    }
  }

  it.each([
    ['A=tok#123\nB=x # a comment\nC= # none\n'],
    ['A = v\nB: v\nC:v\n'],
    ['B=/mnt\nA=${B}/media\nC=$B$$x${NONE:-none}${NONE-}${B:+set}\n'],
    ['A="it\\"s"\nB=\'it\\\'s\'\nC="a\\tb\\nc\\\\d\\$B"\n'],
    ['A=`x`\nexport B=1\nOUTER\nC=${OUTER}\n'],
    ['\uFEFFA=1\r\nB="x\ny"\r\n# c\n\nC=\'$A\'\n'],
    ['A=${NONE:?is needed}\n'],
    ['A="no end\nB=1\n'],
    ['A B=1\n'],
    ['A=$\nB=${\n'],
    ['A=1\nB\nC=2'],
    ['A="\\101\\0101\\08\\c\\x41"\nB=${A'],
  ])('%j is read as Compose reads it', async (text) => {
    expect(ours(text)).toEqual(await compose(text))
  })

  it('whatever is in it is read as Compose reads it', {timeout: 180_000}, async () => {
    const pieces = [
      'a',
      'B',
      '1',
      ' ',
      ' #',
      '#',
      '"',
      "'",
      '\\',
      '$',
      '$$',
      '${',
      '}',
      '${B}',
      '${C:-x}',
      '${A-}',
      '$A',
      '\\n',
      '\\"',
      '=',
      ':',
      '`',
      '\t',
    ]
    const value = fc.array(fc.constantFrom(...pieces), {maxLength: 6}).map((parts) => parts.join(''))
    const name = fc.constantFrom('A', 'B', 'C', 'export A', ' B', 'OUTER')
    const line = fc.tuple(name, fc.constantFrom('=', '=', ' = ', ': ', '= '), value).map((parts) => parts.join(''))
    const text = fc.array(fc.oneof({weight: 6, arbitrary: line}, {weight: 1, arbitrary: fc.constantFrom('', '# x', 'C', '  ')}), {
      minLength: 1,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(text, async (lines) => {
        const whole = `${lines.join('\n')}\n`
        expect(ours(whole), JSON.stringify(whole)).toEqual(await compose(whole))
      }),
      {numRuns: Number(process.env.HOMELAB_RUNS ?? 60)},
    )
  })
})
