import type {Diagnosis} from './remedy.js'

/** An image that a stack wants. `architecture`: undefined if the image does not say. */
type Wanted = {readonly reference: string; readonly image: {readonly architecture?: string | undefined} | undefined}

/** Whether the images that are here are for this machine. Pure. None here: that is not known before they are pulled. */
export function imageDiagnoses(images: readonly Wanted[], architecture: string): Diagnosis[] {
  const here = images.filter(({image}) => image !== undefined)
  const others = here.filter(({image}) => image?.architecture !== undefined && image.architecture !== architecture)
  if (others.length > 0)
    return others.map(({reference, image}) => ({
      is: 'bad',
      check: 'image',
      says: `${reference} is for ${image?.architecture}, and this machine is ${architecture}`,
      next: [`docker pull --platform linux/${architecture} ${reference}`],
    }))
  const missing = images.length - here.length
  const pulled = missing > 0 ? `; ${missing} will be pulled` : ''
  if (here.length === 0)
    return [
      {
        is: 'unknown',
        check: 'images',
        says: `none is here yet, so whether they are for ${architecture} is not known${pulled}`,
        optional: true,
      },
    ]
  return [{is: 'good', check: 'images', says: `${here.length} here, all for ${architecture}${pulled}`}]
}

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

/** Whose answer is of all stacks, and good only if all could be read. */
const OF_ALL = new Set(['ports', 'folders', 'images'])

/** What was counted without some of the stacks is not fine. Pure. @param unread Stacks that could not be read. */
export function withUnread(found: readonly Diagnosis[], unread: readonly string[]): Diagnosis[] {
  if (unread.length === 0) return [...found]
  return found.map((one) =>
    OF_ALL.has(one.check) && (one.is === 'good' || one.optional === true)
      ? {is: 'unknown', check: one.check, says: `${one.says}; but ${unread.join(', ')} could not be read`}
      : one,
  )
}
