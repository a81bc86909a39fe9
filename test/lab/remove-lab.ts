import {rm} from 'node:fs/promises'
import {execa} from 'execa'

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

async function docker(...args: string[]): Promise<string[]> {
  const {stdout} = await execa('docker', args, {reject: false})
  return lines(stdout)
}

/** Removes what one lab made, and only that: by its label, its prefix and its registry. Safe to call twice. */
export async function removeLab(id: string, home: string, imagePrefix: string): Promise<void> {
  const containers = await docker('ps', '-aq', '--filter', `label=io.homelab.lab=${id}`)
  if (containers.length > 0) await docker('rm', '-f', '-v', ...containers)
  const networks = (await docker('network', 'ls', '--format', '{{.Name}}')).filter((name) => name.startsWith(`${id}_`) || name.startsWith(`${id}-`))
  if (networks.length > 0) await docker('network', 'rm', ...networks)
  await removeImages(imagePrefix)
  await rm(home, {recursive: true, force: true})
}

async function removeImages(prefix: string): Promise<void> {
  const all = await docker('images', '--format', '{{.Repository}}|{{.ID}}', '--no-trunc')
  const ids = all.map((line) => line.split('|')).filter(([repository]) => `${repository}/`.startsWith(prefix)).map(([, id]) => id ?? '')
  if (ids.length > 0) await docker('rmi', '-f', ...new Set(ids))
}
