import path from 'node:path'
import {execa} from 'execa'
import {unpackedPackages} from './debian-packages.js'

/** Programs of the lab that Debian packages. */
export type Tools = {readonly registry: string; readonly busybox: string}

const NAMES = ['docker-registry', 'busybox-static']

/** @throws Error that names the command to type if the packages cannot be had. */
export async function findTools(cache: string): Promise<Tools> {
  const root = await unpackedPackages(cache, {names: NAMES, complete: async (root) => (await toolsIn(root)) !== undefined})
  const tools = await toolsIn(root)
  if (tools === undefined) throw new Error(`${NAMES.join(' and ')} are not in ${root} any more`)
  return tools
}

async function toolsIn(root: string): Promise<Tools | undefined> {
  const at = (place: string): string => path.join(root, place)
  const registry = await firstThatRuns([at('usr/bin/docker-registry')], '--version')
  // Newer Debians have no /bin of its own.
  const busybox = await firstThatRuns([at('bin/busybox'), at('usr/bin/busybox')], '--list')
  return registry === undefined || busybox === undefined ? undefined : {registry, busybox}
}

async function firstThatRuns(programs: readonly string[], argument: string): Promise<string | undefined> {
  for (const program of programs) if (!(await execa(program, [argument], {reject: false})).failed) return program
  return undefined
}
