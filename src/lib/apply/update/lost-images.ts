import type {Snapshot} from '../../model/update.js'
import type {Work} from './transaction.js'

/** Services whose old image is not on this machine any more: pruned meanwhile, or dropped when its tag moved. */
export async function lostImages(services: readonly Snapshot[], {hands, signal}: Pick<Work, 'hands' | 'signal'>): Promise<Set<string>> {
  const looks = services.map(async ({service, from}) => ((await hands.engine.image(from.imageId, signal)) === undefined ? [service] : []))
  return new Set((await Promise.all(looks)).flat())
}
