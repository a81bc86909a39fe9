import type {Work} from './transaction.js'

/**
 * Takes a name of ours off an image that has another one: with its last name an image may go, also one that a container
 * runs (the containerd image store, Docker 26.1.5). @returns For people, where it stays.
 */
export async function release(reference: string, {hands, signal}: Pick<Work, 'hands' | 'signal'>): Promise<string | undefined> {
  const image = await hands.engine.image(reference, signal)
  if (image === undefined) return undefined
  if (!image.references.some((name) => name !== reference)) return 'its tag names another image now, and the name stays'
  await hands.engine.untag(reference)
  return undefined
}
