import leven from 'leven'

const MOST_SUGGESTIONS = 3

/** The names that a mistyped one was probably meant to be, nearest first. */
export function nearest(word: string, names: readonly string[]): string[] {
  const near = (name: string): number => (name.startsWith(word) ? 0 : leven(word, name))
  const reach = Math.max(2, Math.floor(word.length / 2))
  return names
    .filter((name) => near(name) <= reach)
    .toSorted((a, b) => near(a) - near(b))
    .slice(0, MOST_SUGGESTIONS)
}
