import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {writeAtomically, clearLeftOvers, makeFolder} from '../storage/atomic-file.js'
import {number, object, orNone, parsed, pick, type Check, usable} from '../storage/json-file.js'

/** What the watcher has found out about a gateway's tunnel, and has told; times in epoch milliseconds. */
export type TunnelMemory = {
  /** Nothing comes back through it; the counters of its interface were these when something last did. */
  readonly dead?: {readonly since: number; readonly received?: number; readonly sent?: number}
  /** No port is forwarded. */
  readonly portless?: {readonly since: number; readonly told: boolean}
  /** Reconnects by the watcher, in a row. */
  readonly reconnects?: {readonly attempts: number; readonly notBefore: number}
}

/** A file a gateway. Each call throws an OperatorError (78) that names it. */
export type TunnelNotes = {
  /** A damaged file is nothing remembered. */
  read(): Promise<TunnelMemory>
  /** On disk when it returns. */
  write(memory: TunnelMemory): Promise<void>
}

const boolean: Check = (value) => typeof value === 'boolean'

const SHAPE = {
  dead: object({since: number, received: orNone(number), sent: orNone(number)}),
  portless: object({since: number, told: boolean}),
  reconnects: object({attempts: number, notBefore: number}),
}

/** The file `<folder>/vpn/<stack>-<gateway>.json`. @param folder The state folder. */
export function tunnelNotes(folder: string, stack: string, gateway: string): TunnelNotes {
  const file = path.join(folder, 'vpn', `${stack}-${gateway}.json`)
  const named = <T>(work: () => Promise<T>): Promise<T> => usable(`What is known of the tunnel, ${file},`, work)
  return {
    read: () => named(() => read(file)),
    write: (memory) =>
      named(async () => {
        await makeFolder(path.dirname(file))
        await clearLeftOvers(file)
        await writeAtomically(file, `${JSON.stringify(memory, null, 2)}\n`, 0o644)
      }),
  }
}

/** For who only looks: what may not be read is not known. */
export const rememberedTunnel =
  (folder: string) =>
  (stack: string, gateway: string): Promise<TunnelMemory> =>
    tunnelNotes(folder, stack, gateway)
      .read()
      .catch(() => ({}))

async function read(file: string): Promise<TunnelMemory> {
  try {
    return pick(parsed(await readFile(file, 'utf8')), SHAPE)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}
