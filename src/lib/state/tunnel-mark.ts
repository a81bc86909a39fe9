import {access} from 'node:fs/promises'
import path from 'node:path'
import type {TunnelMark} from '../model/tunnel-mark.js'
import {writeAtomically} from './atomic-file.js'
import {makeFolder, removeDurably} from './durable-files.js'
import {exclusively} from './exclusive.js'
import {usable} from './usable.js'

type Marked = {readonly stack: string; readonly gateway: string; /** "homelab vpn reconnect" */ readonly doing: string}

/** Seconds. Who reconnects is done in a few; who waits longer does not do what was asked for. */
const WAIT_S = 2

/** The file `<folder>/vpn/<stack>-<gateway>.down`. */
export function tunnelMark(folder: string, {stack, gateway, doing}: Marked, now: () => Date): TunnelMark {
  const name = `${stack}-${gateway}`
  const file = path.join(folder, 'vpn', `${name}.down`)
  const lock = path.join(folder, 'locks', `vpn-${name}.lock`)
  const named = <T>(work: () => Promise<T>): Promise<T> => usable(`The mark of a tunnel that is down, ${file},`, work)
  return {
    isSet: () => named(() => exists(file)),
    set: () =>
      named(async () => {
        await makeFolder(path.dirname(file))
        await writeAtomically(file, `${doing} (since ${now().toISOString()})\n`, 0o644)
      }),
    clear: () => named(async () => void (await removeDurably(file))),
    alone: (work) => exclusively(lock, {doing, what: `The tunnel of ${gateway}`, wait: WAIT_S, now}, work),
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
