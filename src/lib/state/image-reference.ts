/** Characters. Docker allows a name of 255, a tag of 128 and a digest. */
const LONGEST = 512

const HOST = String.raw`(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?`
const PART = String.raw`[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*`
const TAG = String.raw`\w[\w.-]{0,127}`
const DIGEST = String.raw`[a-zA-Z][a-zA-Z0-9]*(?:[-_+.][a-zA-Z][a-zA-Z0-9]*)*:[0-9a-fA-F]{32,128}`
const REFERENCE = new RegExp(`^(?:${HOST}/)?${PART}(?:/${PART})*(?::${TAG})?(?:@${DIGEST})?$`)

/** What `image:` may say: a name, with a tag or a digest if need be. No `$`, which Compose would replace. */
export const isImageReference = (text: string): boolean => text.length <= LONGEST && REFERENCE.test(text)
