import * as Errors from '@oclif/core/errors'
import {OperatorError, usageError} from '../util/errors.js'
import {nearest} from '../util/nearest.js'

/** Flags that take the next word as their value, so that it is not taken for a stack. */
const WITH_VALUE = new Set(['--home', '--context', '--timeout', '--wait', '--lines', '-n', '--to'])

const isVerb = (word: string | undefined): boolean => (VERB_WORDS as readonly string[]).includes(word ?? '')

/**
 * Puts what was typed into the order of our commands. `homelab stack torrent update sonarr` and `homelab stack update
 * torrent sonarr` mean the same; `homelab help …` is `homelab … --help`.
 */
export function normalizeArgv(argv: readonly string[]): string[] {
  const [first, ...rest] = argv
  if (first === 'help') return [...normalizeArgv(rest), '--help']
  if (first !== 'stack') return [...argv]
  const places = wordPlaces(rest)
  const verbAt = places.slice(0, 2).find((place) => isVerb(rest[place]) || rest[place] === 'list')
  if (verbAt === undefined) return [...argv]
  return ['stack', rest[verbAt] ?? '', ...rest.slice(0, verbAt), ...rest.slice(verbAt + 1)]
}

function wordPlaces(words: readonly string[]): number[] {
  return words.flatMap((word, place) => (word.startsWith('-') || WITH_VALUE.has(words[place - 1] ?? '') ? [] : [place]))
}

/** The words of `homelab stack`, in the order in which a newcomer meets them. */
export const VERB_WORDS = ['up', 'status', 'logs', 'update', 'rollback', 'pull', 'restart', 'stop', 'start', 'down'] as const

/** A stack by one of these names could not be told from a word of the command line. */
export const RESERVED: readonly string[] = [...VERB_WORDS, 'all', 'list', 'help']

/** What oclif's parser says of wrong flags and values, as ours; undefined for anything else. */
export function parserError(error: unknown, flags: readonly string[] = []): OperatorError | undefined {
  if (error instanceof OperatorError || !(error instanceof Errors.CLIError)) return undefined
  const [first = 'The command line is wrong.', ...more] = error.message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const flag = /^Parsing (-\S+)$/.exec(first)?.[1]
  if (flag !== undefined) return usageError(`${flag}: ${more[0] ?? 'this value cannot be read'}`, more.slice(1))
  return usageError(first, [...meant(error, flags), ...more])
}

/** The flags that mistyped ones were probably meant to be. */
function meant(error: Error, known: readonly string[]): string[] {
  const unknown = 'flags' in error && Array.isArray(error.flags) ? (error.flags as string[]) : []
  return unknown.flatMap((flag) =>
    nearest(flag.replace(/^-+/, ''), known)
      .slice(0, 1)
      .map((name) => `${flag}: did you mean --${name}?`),
  )
}
