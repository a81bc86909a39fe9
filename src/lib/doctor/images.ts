import type {Diagnosis} from './diagnosis.js'

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
