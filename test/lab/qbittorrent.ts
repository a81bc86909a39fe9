import {access, mkdir, readdir, rename, rm} from 'node:fs/promises'
import path from 'node:path'
import {execa} from 'execa'
import {closure} from './closure.js'
import {makeImage, makeLayer, type File, type Image, type Layer} from './oci-image.js'

/**
 * The real qBittorrent, Debian's qbittorrent-nox, unpacked and never installed, with the libraries that this machine lacks.
 * @returns Its files for an image, the program at `program`.
 * @throws Error that says what is missing.
 */
async function findQbittorrent(cache: string): Promise<{program: string; files: File[]; libraries: string}> {
  const root = path.join(cache, 'root')
  const program = path.join(root, 'usr/bin/qbittorrent-nox')
  if (!(await exists(program))) await unpack(cache, root)
  const libraries = await libraryFolder(root)
  return {program, libraries, files: await closure(program, {LD_LIBRARY_PATH: libraries})}
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )

/** "usr/lib/x86_64-linux-gnu", as this machine calls it. */
async function libraryFolder(root: string): Promise<string> {
  const names = await readdir(path.join(root, 'usr/lib'))
  const triplet = names.find((name) => name.includes('-linux-gnu'))
  if (triplet === undefined) throw new Error(`there are no libraries in ${root}`)
  return path.join(root, 'usr/lib', triplet)
}

/** apt says what is missing here; a cache of our own keeps what it fetches, and nothing of this machine's changes. */
async function unpack(cache: string, root: string): Promise<void> {
  await rm(cache, {recursive: true, force: true})
  const archives = path.join(cache, 'archives')
  await mkdir(path.join(archives, 'partial'), {recursive: true})
  const options = ['-o', `Dir::Cache::archives=${archives}`, '-o', 'Debug::NoLocking=true', '-o', 'APT::Sandbox::User=root']
  const get = () =>
    execa('apt-get', ['install', '--download-only', '--reinstall', '-y', '-qq', '--no-install-recommends', ...options, 'qbittorrent-nox'], {
      reject: false,
    })
  const first = await get()
  if (first.failed) await execa('apt-get', ['update', '-qq'], {reject: false})
  const done = first.failed ? await get() : first
  if (done.failed) throw new Error(`The lab needs Debian's qbittorrent-nox. Try: sudo apt-get update\n${done.stderr}`)
  const packages = (await readdir(archives)).filter((name) => name.endsWith('.deb'))
  for (const name of packages) await execa('dpkg', ['-x', path.join(archives, name), path.join(cache, 'unpacking')])
  await rename(path.join(cache, 'unpacking'), root)
}

/** Who asks from the same namespace needs no password, as the Compose file asks of its owner. */
const SETTINGS = `[LegalNotice]
Accepted=true
[Preferences]
WebUI\\Port=8080
WebUI\\LocalHostAuth=false
`

const START = `#!/bin/sh
mkdir -p /config/qBittorrent/config
[ -f /config/qBittorrent/config/qBittorrent.conf ] || cp /qBittorrent.conf /config/qBittorrent/config/qBittorrent.conf
export LD_LIBRARY_PATH=/qb HOME=/config
exec PROGRAM --profile=/config
`

/** An image of it, on a base that has a shell. */
export async function qbittorrentImage(cache: string, base: Layer): Promise<Image> {
  const {program, files, libraries} = await findQbittorrent(cache)
  const inRoot = path.relative('/', libraries)
  const own = files.map((file) => (file.path.startsWith(`${inRoot}/`) ? {...file, path: `qb/${path.basename(file.path)}`} : file))
  const layer = await makeLayer([
    ...own.map((file) => (file.path === path.relative('/', program) ? {...file, path: 'qb/qbittorrent-nox'} : file)),
    {path: 'qBittorrent.conf', content: SETTINGS, mode: 0o644},
    {path: 'start', content: START.replace('PROGRAM', '/qb/qbittorrent-nox')},
  ])
  return makeImage([base, layer], {entrypoint: ['/start'], labels: {'org.opencontainers.image.version': '4.0.0'}})
}
