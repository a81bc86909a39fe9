/** What `work` brings; what `late` says if that takes more milliseconds. The work itself goes on: whoever began it ends it. */
export async function within<T>(milliseconds: number, work: Promise<T>, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<T>((resolve) => (timer = setTimeout(() => resolve(late()), milliseconds)))
  // Nobody may be there any more to be told.
  work.catch(() => undefined)
  try {
    return await Promise.race([work, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
