import {BaseSequencer, type TestSpecification} from 'vitest/node'

/** Files that take longest, in that order (`npm run scenarios -- --times` tells): begun last, one would run alone at the end. */
const LONGEST = [
  'health',
  'errors',
  'torrent',
  'watch-updates-troubles',
  'watch-updates-whole',
  'update-killed',
  'update-killed-treated',
  'cascade-killed',
  'cascade-restarts',
  'cascade-command',
]

/** Begins the longest files first; the others follow by size. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({moduleId}: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
      return at < 0 ? LONGEST.length : at
    }
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}
