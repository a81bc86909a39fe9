import {mkdir, mkdtemp, readdir, rename, rm} from 'node:fs/promises'
import path from 'node:path'
import {execa} from 'execa'

/**
 * Programs of Debian's packages, unpacked and never installed: no service starts, and nothing of this machine changes. What
 * is named is fetched, installed or not (`apt-get install --download-only` would leave out what is installed); libraries are
 * fetched where this machine lacks them.
 */
export type Packages = {
  readonly names: readonly string[]
  /** Also the packages that these need and this machine lacks. */
  readonly libraries?: boolean
  /** Asked of a folder in which they are, or should be, unpacked: do the programs run? */
  readonly complete: (root: string) => Promise<boolean>
  /** Instead of apt's own way: puts .deb files into the folder. */
  readonly download?: (folder: string) => Promise<void>
  /** What is added to what was unpacked. */
  readonly finish?: (root: string) => Promise<void>
}

/**
 * @param cache Kept for the next time. Two that begin at once do not disturb each other.
 * @returns The folder that stands for "/".
 * @throws Error that names the packages and the command to type if they cannot be had.
 */
export async function unpackedPackages(cache: string, packages: Packages): Promise<string> {
  const root = path.join(cache, 'root')
  if (await packages.complete(root)) return root
  await mkdir(path.dirname(cache), {recursive: true})
  const own = await mkdtemp(`${cache}-`)
  try {
    await unpack(own, packages)
    // Another run may have been faster, and be using what it has made.
    if (await packages.complete(root)) return root
    await rm(cache, {recursive: true, force: true})
    await rename(own, cache)
    return root
  } finally {
    await rm(own, {recursive: true, force: true})
  }
}

async function unpack(folder: string, {names, libraries = false, complete, download, finish}: Packages): Promise<void> {
  const root = path.join(folder, 'root')
  await (download === undefined ? fetchFromApt(folder, names, libraries) : download(folder))
  const files = (await readdir(folder)).filter((name) => name.endsWith('.deb'))
  for (const file of files) await execa('dpkg', ['-x', path.join(folder, file), root])
  await finish?.(root)
  if (!(await complete(root)))
    throw new Error(`Debian's ${names.join(', ')} were unpacked, but their programs do not run from there: ${root}`)
}

async function fetchFromApt(folder: string, names: readonly string[], libraries: boolean): Promise<void> {
  await mkdir(path.join(folder, 'partial'), {recursive: true})
  const own = ['-o', `Dir::Cache::archives=${folder}`, '-o', 'Debug::NoLocking=true', '-o', 'APT::Sandbox::User=root']
  const lacking = ['install', '--download-only', '--yes', '-qq', '--no-install-recommends', ...own, ...names]
  const get = async () => {
    const named = await execa('apt-get', ['download', '-qq', ...own.slice(2), ...names], {cwd: folder, reject: false})
    return named.failed || !libraries ? named : execa('apt-get', lacking, {reject: false})
  }
  if (!(await get()).failed) return
  // A machine that never read its package lists; only root may read them.
  await execa('apt-get', ['update', '-qq'], {reject: false})
  const again = await get()
  if (again.failed) throw new Error(`The tests need Debian's ${names.join(', ')}. Try: sudo apt-get update\n${again.stderr}`)
}

/** The folders with libraries of what was unpacked, as LD_LIBRARY_PATH wants them; "" where nothing was lacking. */
export async function libraryPath(root: string): Promise<string> {
  const places = await Promise.all(['lib', 'usr/lib'].map((name) => foldersWithLibraries(path.join(root, name))))
  return [...new Set(places.flat())].join(':')
}

async function foldersWithLibraries(folder: string): Promise<string[]> {
  const files = await readdir(folder, {recursive: true}).catch(() => [])
  return files.filter((file) => /\.so(\.[\d.]+)?$/.test(file)).map((file) => path.join(folder, path.dirname(file)))
}
