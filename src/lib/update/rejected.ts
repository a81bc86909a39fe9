import {readFile} from 'node:fs/promises'
import path from 'node:path'
import type {Log} from '../model/log.js'
import type {Rejected} from '../model/update.js'
import {writeAtomically, clearLeftOvers, makeFolder} from '../storage/atomic-file.js'
import {exclusively} from '../storage/lock.js'
import {isObject, number, object, orNone, parsed, pick, text, type Check, usable, warnOnce} from '../storage/json-file.js'

/** Entries. A home has some dozens of services, and each rejects an image now and then. */
const MOST = 200
/** Seconds to wait for other processes, who take milliseconds. */
const WAIT_S = 10

/** Images that services were rolled back from. All processes share it. Each call throws an OperatorError that names the file. */
type RejectedImages = {
  /** Oldest first. */
  list(): Promise<readonly Rejected[]>
  /** In the place of what there is of the same image of that service. It is on disk when this returns. */
  add(rejected: Rejected): Promise<void>
  /** Everything of that service. @returns whether there was something; it is gone from the disk then. */
  remove(stack: string, service: string): Promise<boolean>
}

/** The file `<folder>/updates/rejected.json`. Of one that somebody damaged, what can be read counts, and `log` is told. */
export function rejectedImages(folder: string, {now, log}: {readonly now: () => Date; readonly log: Log}): RejectedImages {
  const file = path.join(folder, 'updates', 'rejected.json')
  const lock = path.join(folder, 'locks', 'updates-rejected.lock')
  const warn = warnOnce(log)
  const locked = <T>(work: () => Promise<T>): Promise<T> =>
    exclusively(lock, {doing: 'homelab writes the list of rejected images', what: 'The list of rejected images', wait: WAIT_S, now}, work)
  return {
    list: () => named(file, () => read(file, warn)),
    add: (rejected) =>
      named(file, () =>
        locked(async () => {
          const others = (await read(file, warn)).filter((entry) => !isSame(entry, rejected))
          await write(file, [...others, rejected].slice(-MOST))
        }),
      ),
    remove: (stack, service) =>
      named(file, () =>
        locked(async () => {
          const all = await read(file, warn)
          const others = all.filter((entry) => entry.stack !== stack || entry.service !== service)
          if (others.length < all.length) await write(file, others)
          return others.length < all.length
        }),
      ),
  }
}

const isSame = (a: Rejected, b: Rejected): boolean =>
  a.stack === b.stack && a.service === b.service && (a.imageId === b.imageId || (a.digest !== undefined && a.digest === b.digest))

async function write(file: string, images: readonly Rejected[]): Promise<void> {
  await makeFolder(path.dirname(file))
  await clearLeftOvers(file)
  await writeAtomically(file, `${JSON.stringify({images}, null, 2)}\n`)
}

async function read(file: string, warn: (text: string) => void): Promise<readonly Rejected[]> {
  let json: string
  try {
    json = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  const found = parsed(json)
  const entries: readonly unknown[] | undefined = isObject(found) && Array.isArray(found.images) ? found.images : undefined
  const whole = (entries ?? []).filter(isRejected)
  if (whole.length !== entries?.length) warn(`${file} is damaged: ${whole.length} rejected images can be read, the others are forgotten.`)
  return whole.map((entry) => pick(entry, SHAPE) as Rejected)
}

const SHAPE = {
  stack: text,
  service: text,
  reference: text,
  digest: orNone(text),
  imageId: text,
  at: number,
  reason: text,
} satisfies Readonly<Record<keyof Rejected, Check>>

const isRejected = (value: unknown): value is Rejected => object(SHAPE)(value)

const named = <T>(file: string, work: () => Promise<T>): Promise<T> => usable(`The list of rejected images, ${file},`, work)
