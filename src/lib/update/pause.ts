import {readFile, stat} from 'node:fs/promises'
import path from 'node:path'
import {elapsed, notLater} from '../model/clock.js'
import type {Log} from '../model/log.js'
import {writeAtomically, makeFolder, removeDurably} from '../storage/atomic-file.js'
import {number, object, orNone, parsed, usable, warnOnce} from '../storage/json-file.js'

/** Since and until when no update is applied; epoch milliseconds. Without an end it lasts until somebody resumes. */
type Pause = {readonly since: number; readonly until?: number}

/** Each call throws an OperatorError (78) that names the file. */
export type UpdatesPause = {
  /** @returns undefined if updates are applied, also after the end of a pause. */
  read(): Promise<Pause | undefined>
  /** In the place of another pause. On disk when it returns. */
  pause(pause: Pause): Promise<void>
  /** @returns whether there was a pause. It is gone from the disk then. */
  resume(): Promise<boolean>
}

/** The file `<folder>/updates/paused.json`. */
export function updatesPause(folder: string, {now, log}: {readonly now: () => Date; readonly log: Log}): UpdatesPause {
  const file = path.join(folder, 'updates', 'paused.json')
  const warn = warnOnce(log)
  const current = async (): Promise<Pause | undefined> => {
    const pause = await caughtUp(file, await read(file, warn), now().getTime())
    return pause?.until !== undefined && pause.until <= now().getTime() ? undefined : pause
  }
  return {
    read: () => named(file, current),
    pause: ({since, until}) =>
      named(file, async () => {
        await makeFolder(path.dirname(file))
        await writeAtomically(file, `${JSON.stringify({since, until})}\n`)
      }),
    resume: () =>
      named(file, async () => {
        const pause = await current()
        await removeDurably(file)
        return pause !== undefined
      }),
  }
}

/** A damaged file is a pause without an end: somebody wanted one, and updates that come late do no harm. */
async function read(file: string, warn: (text: string) => void): Promise<Pause | undefined> {
  try {
    const found = parsed(await readFile(file, 'utf8'))
    if (isPause(found)) return {since: found.since, ...(found.until !== undefined && {until: found.until})}
    warn(`${file} is damaged, so updates stay paused until they are resumed.`)
    return {since: Math.floor((await stat(file)).mtimeMs)}
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** One that began before the clock was set back began now, and lasts as long as it was to last: else it would last for the step, too. */
async function caughtUp(file: string, pause: Pause | undefined, now: number): Promise<Pause | undefined> {
  if (pause === undefined || notLater(pause.since, now) === pause.since) return pause
  const {since, until} = pause
  const moved = {since: now, ...(until !== undefined && {until: until - elapsed(now, since)})}
  // Who may only read it sees the same at each look; who applies updates writes it down.
  await writeAtomically(file, `${JSON.stringify(moved)}\n`).catch(() => undefined)
  return moved
}

const isPause = (value: unknown): value is Pause => object({since: number, until: orNone(number)})(value)

const named = <T>(file: string, work: () => Promise<T>): Promise<T> => usable(`The pause of the updates, ${file},`, work)
