import type {DeclaredStack} from '../../model/declared.js'
import {keptName, keptRepository} from '../../model/kept.js'
import type {ServiceUpdate} from '../../model/service-update.js'
import type {Transaction} from '../../model/update.js'
import type {Intent} from '../../plan/world.js'
import {release} from './release.js'
import type {Work} from './transaction.js'

/** An update that has ended: the names that it gave are those of its operation. */
type Ended = {readonly stack: DeclaredStack; readonly transaction: Pick<Transaction, 'op'>; readonly intent: Pick<Intent, 'renewal'>}

/** Lets go of images that nobody goes back to any more. Best effort: the update itself is done. */
export async function prune({stack, transaction, intent}: Ended, updates: readonly ServiceUpdate[], work: Work): Promise<void> {
  const {renewal} = intent
  for (const update of updates) {
    try {
      if (update.is === 'done' && renewal !== undefined) await pruneKept(stack, update, renewal.keep, work)
      if (update.is === 'rolled-back' && update.to.imageId !== undefined) await work.hands.engine.untag(update.to.imageId)
      if (NOTHING_NEW.has(update.is)) await release(keptName(stack.project, update.service, transaction.op), work)
    } catch (error) {
      work.hands.warn(`Old images of ${update.service} could not be removed: ${(error as Error).message}`)
    }
  }
}

const NOTHING_NEW = new Set<ServiceUpdate['is']>(['current', 'kept', 'rolled-back'])

/** The newest names stay, of as many other images as are kept. */
async function pruneKept({project}: DeclaredStack, {service, to}: ServiceUpdate, keep: number, {hands, signal}: Work): Promise<void> {
  const repository = keptRepository(project, service)
  const images = await hands.engine.images(repository, signal)
  const names = images.flatMap(({id, references}) =>
    references.filter((reference) => reference.startsWith(`${repository}:`)).map((reference) => ({id, reference})),
  )
  const kept = new Set<string>()
  for (const {id, reference} of names.toSorted((a, b) => b.reference.localeCompare(a.reference))) {
    const stays = id !== to.imageId && !kept.has(id) && kept.size < keep
    if (stays) kept.add(id)
    else await hands.engine.untag(reference)
  }
}
