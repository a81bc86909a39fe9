import {BaseSequencer, type TestSpecification} from 'vitest/node'

/** Files that take longest, in that order (`npm run scenarios -- --times` tells): begun last, one would run alone at the end. */
const LONGEST = [
  'errors',
  'health',
  'update-killed',
  'watch-updates-whole',
  'watch-updates-troubles',
  'update-killed-treated',
  'stack-torrent',
  'docker-hangs',
  'cascade-killed',
  'cascade-daemon',
  'cascade-restarts',
  'watch-updates',
  'cascade-troubles',
  'update-treatment',
  'cascade-command',
  'health-flow',
  'vpn',
  'vpn-dead',
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
