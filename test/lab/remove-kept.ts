import {readFile, rm} from 'node:fs/promises'
import {parseEnv} from 'node:util'
import path from 'node:path'
import {execa} from 'execa'
import {orphans, owned, type Owned} from './owners.js'
import {PRIVATE_DAEMON, removeDaemon} from './private-daemon.js'
import {removeLab} from './remove-lab.js'

/**
 * Removes the kept labs of this machine, and what runs that were killed have left; never one that a living run works in.
 * @returns their names.
 */
export async function removeKept(): Promise<string[]> {
  const all = await idsOf(await owned('homelab-lab-'))
  const kept = await idsOf(await orphans('homelab-lab-'))
  for (const [id, folder] of kept) await removeLab(id, folder)
  // Containers whose folder somebody has removed by hand.
  const left = (await labelled()).filter((id) => !all.has(id))
  for (const id of left) await removeLab(id, undefined)
  for (const registry of await orphans('homelab-registry-')) await endRegistry(registry)
  for (const {folder} of await orphans(PRIVATE_DAEMON)) await removeDaemon(folder)
  return [...kept.keys(), ...left]
}

async function idsOf(labs: readonly Owned[]): Promise<Map<string, string>> {
  const ids = await Promise.all(labs.map(async ({folder}) => [await idOf(folder), folder] as const))
  return new Map(ids.flatMap(([id, folder]) => (id === undefined ? [] : [[id, folder] as const])))
}

async function idOf(folder: string): Promise<string | undefined> {
  const text = await readFile(path.join(folder, 'compose', '.env'), 'utf8').catch(() => '')
  return parseEnv(text).HOMELAB_PREFIX
}

async function labelled(): Promise<string[]> {
  const {stdout} = await execa('docker', ['ps', '-a', '--filter', 'label=io.homelab.lab', '--format', '{{.Label "io.homelab.lab"}}'])
  return [...new Set(stdout.split('\n').filter((id) => id !== ''))]
}

/** A process id may be somebody else's by now. */
async function endRegistry({folder, child}: Owned): Promise<void> {
  const line = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '')
  if (child !== undefined && line.includes(folder)) process.kill(child)
  await rm(folder, {recursive: true, force: true})
}
