import path from 'node:path'
import {closure} from './closure.js'
import {libraryFolder, unpacked} from './debian-packages.js'
import {makeImage, makeLayer, type File, type Image, type Layer} from './oci-image.js'

/**
 * The real qBittorrent, Debian's qbittorrent-nox.
 * @returns Its files for an image, the program at `program`.
 * @throws Error that says what is missing.
 */
async function findQbittorrent(cache: string): Promise<{program: string; files: File[]; libraries: string}> {
  const root = await unpacked(cache, ['qbittorrent-nox'], 'usr/bin/qbittorrent-nox')
  const program = path.join(root, 'usr/bin/qbittorrent-nox')
  const libraries = await libraryFolder(root)
  if (libraries === undefined) throw new Error(`there are no libraries in ${root}`)
  return {program, libraries, files: await closure(program, {LD_LIBRARY_PATH: libraries})}
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
