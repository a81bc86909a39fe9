import {readFile, rm} from 'node:fs/promises'
import {setTimeout as sleep} from 'node:timers/promises'
import {execa} from 'execa'

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

/** Variables that say which Docker is meant: none for this machine's. */
export type Engine = Readonly<Record<string, string>>

async function docker(env: Engine, ...args: string[]): Promise<string[]> {
  const {stdout} = await execa('docker', args, {env, reject: false})
  return lines(stdout)
}

/** Removes what one lab made, and only that: by its label, its prefix and its images' names. Safe to call twice. */
export async function removeLab(id: string, home: string | undefined, env: Engine = {}): Promise<void> {
  const containers = await docker(env, 'ps', '-aq', '--filter', `label=io.homelab.lab=${id}`)
  if (containers.length > 0) await docker(env, 'rm', '-f', '-v', ...containers)
  const networks = (await docker(env, 'network', 'ls', '--format', '{{.Name}}')).filter(
    (name) => name.startsWith(`${id}_`) || name.startsWith(`${id}-`),
  )
  if (networks.length > 0) await docker(env, 'network', 'rm', ...networks)
  await removeImages(id, env)
  if (home === undefined) return
  await unmountBelow(home)
  await rm(home, {recursive: true, force: true})
}

/** A test that was killed may have left its disk mounted. */
async function unmountBelow(folder: string): Promise<void> {
  const mounts = lines(await readFile('/proc/self/mountinfo', 'utf8')).map((line) => line.split(' ')[4] ?? '')
  for (const mount of mounts.filter((at) => at.startsWith(`${folder}/`)).toReversed())
    await execa('umount', ['--lazy', mount], {reject: false})
}

/**
 * Images of `127.0.0.1:<port>/<id>/<service>`, and what homelab kept of them to go back to, by these names of theirs and
 * not by id: the stand-ins of two labs are the same images, and the other lab may be using them.
 */
async function removeImages(id: string, env: Engine): Promise<void> {
  const all = (await imagesOf(env)).map((line) => line.split('|'))
  const own = all.filter(([repository]) => repository !== undefined && isOf(id, repository))
  const names = own.map(([repository, tag, digest]) => (tag === '<none>' ? `${repository}@${digest}` : `${repository}:${tag}`))
  if (names.length > 0) await docker(env, 'rmi', ...new Set(names))
}

/** Asked again while another lab removes its images, see `images` of the scenarios. */
async function imagesOf(env: Engine): Promise<string[]> {
  for (let asked = 1; ; asked += 1) {
    const args = ['images', '--digests', '--format', '{{.Repository}}|{{.Tag}}|{{.Digest}}']
    const {stdout, failed} = await execa('docker', args, {env, reject: false})
    if (!failed || asked === 5) return lines(stdout)
    await sleep(500)
  }
}

const isOf = (id: string, repository: string): boolean =>
  (repository.startsWith('127.0.0.1:') && repository.split('/')[1] === id) || repository.startsWith(`homelab-kept/${id}-`)
