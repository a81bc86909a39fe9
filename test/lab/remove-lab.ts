import {rm} from 'node:fs/promises'
import {execa} from 'execa'

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

async function docker(...args: string[]): Promise<string[]> {
  const {stdout} = await execa('docker', args, {reject: false})
  return lines(stdout)
}

/** Removes what one lab made, and only that: by its label, its prefix and its images' names. Safe to call twice. */
export async function removeLab(id: string, home: string | undefined): Promise<void> {
  const containers = await docker('ps', '-aq', '--filter', `label=io.homelab.lab=${id}`)
  if (containers.length > 0) await docker('rm', '-f', '-v', ...containers)
  const networks = (await docker('network', 'ls', '--format', '{{.Name}}')).filter(
    (name) => name.startsWith(`${id}_`) || name.startsWith(`${id}-`),
  )
  if (networks.length > 0) await docker('network', 'rm', ...networks)
  await removeImages(id)
  if (home !== undefined) await rm(home, {recursive: true, force: true})
}

/**
 * Images of `127.0.0.1:<port>/<id>/<service>`, by these names of theirs and not by id: the stand-ins of two labs are the
 * same images, and the other lab may be using them.
 */
async function removeImages(id: string): Promise<void> {
  const all = (await docker('images', '--digests', '--format', '{{.Repository}}|{{.Tag}}|{{.Digest}}')).map((line) => line.split('|'))
  const own = all.filter(([repository]) => repository?.startsWith('127.0.0.1:') && repository.split('/')[1] === id)
  const names = own.map(([repository, tag, digest]) => (tag === '<none>' ? `${repository}@${digest}` : `${repository}:${tag}`))
  if (names.length > 0) await docker('rmi', ...new Set(names))
}
