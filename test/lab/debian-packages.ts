import {access, mkdir, readdir, rename, rm} from 'node:fs/promises'
import path from 'node:path'
import {execa} from 'execa'

/**
 * Programs of Debian's packages, unpacked and never installed, with the libraries that this machine lacks.
 * @param cache A folder of our own, which keeps them.
 * @param program One of them, by its path in there: it is unpacked when that is missing.
 * @returns The folder that they are in, as if it were the root.
 * @throws Error that says what is missing.
 */
export async function unpacked(cache: string, packages: readonly string[], program: string): Promise<string> {
  const root = path.join(cache, 'root')
  if (!(await exists(path.join(root, program)))) await unpack(cache, root, packages)
  return root
}

/** "<root>/usr/lib/x86_64-linux-gnu", as this machine calls it; undefined: nothing had to be unpacked. */
export async function libraryFolder(root: string): Promise<string | undefined> {
  const names = await readdir(path.join(root, 'usr/lib')).catch(() => [])
  const triplet = names.find((name) => name.includes('-linux-gnu'))
  return triplet && path.join(root, 'usr/lib', triplet)
}

export const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )

/** apt says what is missing here; a cache of our own keeps what it fetches, and nothing of this machine's changes. */
async function unpack(cache: string, root: string, packages: readonly string[]): Promise<void> {
  await rm(cache, {recursive: true, force: true})
  const archives = path.join(cache, 'archives')
  await mkdir(path.join(archives, 'partial'), {recursive: true})
  const options = ['-o', `Dir::Cache::archives=${archives}`, '-o', 'Debug::NoLocking=true', '-o', 'APT::Sandbox::User=root']
  const get = () =>
    execa('apt-get', ['install', '--download-only', '--reinstall', '-y', '-qq', '--no-install-recommends', ...options, ...packages], {
      reject: false,
    })
  const first = await get()
  if (first.failed) await execa('apt-get', ['update', '-qq'], {reject: false})
  const done = first.failed ? await get() : first
  if (done.failed) throw new Error(`The lab needs Debian's ${packages.join(', ')}. Try: sudo apt-get update\n${done.stderr}`)
  const found = (await readdir(archives)).filter((name) => name.endsWith('.deb'))
  for (const name of found) await execa('dpkg', ['-x', path.join(archives, name), path.join(cache, 'unpacking')])
  await rename(path.join(cache, 'unpacking'), root)
}
