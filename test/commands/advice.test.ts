import {readdirSync, readFileSync} from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import {describe, expect, it} from 'vitest'
import {normalizeArgv} from '../../src/lib/cli/command-line.js'
import {COMMANDS} from '../../src/commands/index.js'
import {DEFAULTS, parseConfiguration} from '../../src/lib/config/load.js'

const ROOT = path.join(import.meta.dirname, '../..')

/** `next`: it is a step that a person is told to take. */
type Said = {readonly at: string; readonly text: string; readonly next: boolean}

/** Every text of the source; what is put in is a word that may stand there. */
function texts(): Said[] {
  const files = readdirSync(path.join(ROOT, 'src'), {recursive: true, encoding: 'utf8'}).filter((file) => file.endsWith('.ts'))
  return files.flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(path.join(ROOT, 'src', file), 'utf8'), ts.ScriptTarget.Latest, true)
    const found: Said[] = []
    const visit = (node: ts.Node, next: boolean): void => {
      if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) found.push({at: file, text: node.text, next})
      if (ts.isTemplateExpression(node)) found.push({at: file, text: filled(node), next})
      const isNext = next || (ts.isPropertyAssignment(node) && node.name.getText() === 'next')
      node.forEachChild((child) => visit(child, isNext))
    }
    visit(source, false)
    return found
  })
}

const filled = ({head, templateSpans}: ts.TemplateExpression): string =>
  templateSpans.reduce((text, {expression, literal}) => {
    const word = /\b(verb|word)\b/.test(expression.getText()) ? 'up' : 'sonarr'
    return text + word + literal.text
  }, head.text)

const all = texts()

/** What is printed of configuration is one line that can be typed as it is: "…, in homelab.yml: health: {mediaDisk: false}". */
describe('a printed line of homelab.yml', () => {
  const lines = all.flatMap(({at, text}) => [...text.matchAll(/homelab\.yml: (.+)$/gm)].map(([, line = '']) => ({at, line})))

  it('is to be found', () => {
    expect(lines.length).toBeGreaterThanOrEqual(5)
  })

  it.each(lines)('is valid as typed: $line ($at)', async ({line}) => {
    await expect(parseConfiguration(`${line}\n`, 'homelab.yml')).resolves.not.toEqual(DEFAULTS)
  })

  it('has no other form', () => {
    const others = all.filter(({text}) => text.includes('homelab.yml') && /"\w+: ?[^"]*"/.test(text.replace(/homelab\.yml: .+$/gm, '')))
    expect(others).toEqual([])
  })
})

/** The words after `homelab`, as far as they are of a command line. */
const COMMAND = /\bhomelab ((?:(?:<[^>]*>|\[[^\]]*\]|-{0,2}[\w./@…-]+) ?)+)/g

type Flags = Record<string, {readonly char?: string}>

function unknownWord(command: string): string | undefined {
  const words = command
    .trim()
    .split(' ')
    .map((word) =>
      word
        .replace(/[.…]+$/, '')
        .replace('<verb>', 'up')
        .replace(/^<.*>$|^\[.*\]$/, 'sonarr'),
    )
  const ordered = normalizeArgv(words)
  const ids = ordered.flatMap((_, index) => (index < 3 ? [ordered.slice(0, index + 1).join(':')] : []))
  const id = ids.findLast((one) => one in COMMANDS)
  const topic = Object.keys(COMMANDS).some((one) => one.startsWith(`${words[0]}:`))
  if (id === undefined) return topic && words.length === 1 ? undefined : words.slice(0, 2).join(' ')
  if (id === 'stack' && words.length > 2) return words.slice(0, 3).join(' ')
  const {flags, baseFlags} = COMMANDS[id as keyof typeof COMMANDS] as {flags?: Flags; baseFlags?: Flags}
  const every: Flags = {...flags, ...baseFlags, json: {}, help: {}}
  const known = Object.entries(every).flatMap(([name, {char}]) => [`--${name}`, `-${char}`])
  return words.find((word) => word.startsWith('-') && !known.includes(word))
}

describe('a printed command', () => {
  const commands = all.flatMap(({at, text}) => [...text.matchAll(COMMAND)].map(([, words = '']) => ({at, words: words.trim()})))
  const topics = new Set(Object.keys(COMMANDS).map((id) => id.split(':')[0]))
  const typed = commands.filter(({words}) => topics.has(words.split(' ')[0] ?? ''))

  it('is to be found', () => {
    expect(typed.length).toBeGreaterThan(80)
    expect(unknownWord('stack torrent mend sonarr')).toBe('stack torrent mend')
    expect(unknownWord('health --loud')).toBe('--loud')
    expect(unknownWord('vpn mend')).toBe('vpn mend')
  })

  it('exists, with its flags', () => {
    expect(typed.filter(({words}) => unknownWord(words) !== undefined)).toEqual([])
  })

  it('that is a next step is a command of homelab', () => {
    const steps = all.flatMap(({at, text, next}) => {
      const [, first] = /^(?:sudo )?homelab ([a-z]+)/.exec(text) ?? []
      return next && first !== undefined ? [{at, text, first}] : []
    })
    expect(steps.length).toBeGreaterThan(30)
    expect(steps.filter(({first}) => !topics.has(first) && first !== 'help')).toEqual([])
  })
})

/** Where variables have a meaning: the Compose files, the example of `.env`, and what is read of it here. */
it('a variable that is to be set in compose/.env means something', () => {
  const folder = path.join(ROOT, 'compose')
  const meant = readdirSync(folder)
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .join('\n')
  const named = all.flatMap(({at, text}) =>
    text.includes('compose/.env') ? [...text.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(([name]) => ({at, name})) : [],
  )
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter(({name}) => !new RegExp(`\\b${name}\\b`).test(meant))).toEqual([])
})
