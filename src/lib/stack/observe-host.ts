import {hostname} from 'node:os'
import {readdir} from 'node:fs/promises'
import type {Engine} from '../docker/engine.js'
import type {Host, Place, World} from './snapshot.js'
import {firstStartPaths, withoutContainer} from './plan-first-start.js'
import {within} from '../util/timeout.js'

/** Milliseconds; a network disk whose server is away answers never. */
const ANSWER_MS = 2_000

/** The world with what is at the paths that a first start needs. Docker's machine is asked for only if something is missing. */
export async function withHost(world: World, library: readonly string[], engine: Engine, signal: AbortSignal): Promise<World> {
  const paths = firstStartPaths(withoutContainer(world), library)
  if (paths.length === 0) return world
  const places = new Map(await Promise.all(paths.map(async (at) => [at, await placeAt(at)] as const)))
  if (![...places.values()].includes('missing')) return world
  const machine = await engine.machine(signal)
  const host: Host = machine === hostname() ? {places} : {elsewhere: machine}
  return {...world, host}
}

const placeAt = (at: string): Promise<Place> => within(ANSWER_MS, look(at), () => 'unknown')

async function look(at: string): Promise<Place> {
  try {
    return (await readdir(at)).length === 0 ? 'empty' : 'there'
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? 'missing' : code === 'ENOTDIR' ? 'there' : 'unknown'
  }
}
