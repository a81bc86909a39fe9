import {readFile} from 'node:fs/promises'
import path from 'node:path'
import type {TunnelMemory, TunnelNotes} from '../model/tunnel-memory.js'
import {writeAtomically} from './atomic-file.js'
import {clearLeftOvers, makeFolder} from './durable-files.js'
import {number, object, orNone, parsed, pick, type Check} from './shape.js'
import {usable} from './usable.js'

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
