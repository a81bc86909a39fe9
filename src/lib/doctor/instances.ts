import type {Diagnosis} from './diagnosis.js'

/** What of one stack another project has. */
type Elsewhere = {
  readonly stack: string
  /** "the project media has sonarr (media-sonarr-1)" */
  readonly says: string
  /** It runs, or has the name that a container of the stack needs: nothing is created beside it. */
  readonly inTheWay: boolean
  readonly next: readonly string[]
}

/** Pure. */
export function instanceDiagnoses(found: readonly Elsewhere[]): Diagnosis[] {
  if (found.length === 0) return [{is: 'good', check: 'projects', says: 'no other project has what these stacks declare'}]
  return found.map(({stack, says, inTheWay, next}) => ({
    is: inTheWay ? 'bad' : 'warn',
    check: `project of ${stack}`,
    says: inTheWay ? `${says}: up would make a second one, and is refused` : `${says}: started again, it would be a second one`,
    next,
  }))
}
