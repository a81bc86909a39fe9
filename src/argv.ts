import {VERB_WORDS} from './lib/words.js'

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
