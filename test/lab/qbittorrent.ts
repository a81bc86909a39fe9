import path from 'node:path'
import {closure} from './closure.js'
import {libraryPath, unpackedPackages} from './debian-packages.js'
import {makeImage, makeLayer, type File, type Image, type Layer} from './oci-image.js'

/**
 * The real qBittorrent, Debian's qbittorrent-nox, with the libraries that this machine lacks.
 * @returns It and every library that it loads.
 * @throws Error that says what is missing.
 */
async function findQbittorrent(cache: string): Promise<File[]> {
  const root = await unpackedPackages(cache, {
    names: ['qbittorrent-nox'],
    libraries: true,
    complete: async (at) => (await filesIn(at)) !== undefined,
  })
  const files = await filesIn(root)
  if (files === undefined) throw new Error(`qbittorrent-nox is not in ${root} any more`)
  return files
}

/** What this machine has is found where the machine looks for it. Undefined: a library is neither there nor here. */
async function filesIn(root: string): Promise<File[] | undefined> {
  return closure(path.join(root, 'usr/bin/qbittorrent-nox'), {LD_LIBRARY_PATH: await libraryPath(root)}).catch(() => undefined)
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
exec /qb/qbittorrent-nox --profile=/config
`

/** An image of it, on a base that has a shell. */
export async function qbittorrentImage(cache: string, base: Layer): Promise<Image> {
  const files = await findQbittorrent(cache)
  // Wherever it lay on this machine; the loader's path alone is written in the program.
  const inImage = files.map((file) => (isLoader(file.path) ? file : {...file, path: `qb/${path.basename(file.path)}`}))
  const layer = await makeLayer([...inImage, {path: 'qBittorrent.conf', content: SETTINGS, mode: 0o644}, {path: 'start', content: START}])
  return makeImage([base, layer], {entrypoint: ['/start'], labels: {'org.opencontainers.image.version': '4.0.0'}})
}

const isLoader = (file: string): boolean => path.basename(file).startsWith('ld-linux')
