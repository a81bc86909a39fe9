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

/** linuxserver's own first configuration: docker-qbittorrent at a8dcabe, root/defaults/qBittorrent.conf. */
const DEFAULTS = `[AutoRun]
enabled=false
program=

[LegalNotice]
Accepted=true

[Preferences]
Connection\\UPnP=false
Connection\\PortRangeMin=6881
Downloads\\SavePath=/downloads/
Downloads\\ScanDirsV2=@Variant(\\0\\0\\0\\x1c\\0\\0\\0\\0)
Downloads\\TempPath=/downloads/incomplete/
WebUI\\Address=*
WebUI\\ServerDomains=*
`

/**
 * As linuxserver's image starts it: root/etc/s6-overlay/s6-rc.d/init-qbittorrent-config/run (copied only where there is none),
 * svc-qbittorrent/run, and the variables of its Dockerfile.
 */
const START = `#!/bin/sh
mkdir -p /config/qBittorrent
[ -f /config/qBittorrent/qBittorrent.conf ] || cp /defaults/qBittorrent.conf /config/qBittorrent/qBittorrent.conf
export LD_LIBRARY_PATH=/qb HOME=/config XDG_CONFIG_HOME=/config XDG_DATA_HOME=/config
exec /qb/qbittorrent-nox --webui-port="\${WEBUI_PORT:-8080}"
`

/** An image of it, on a base that has a shell. */
export async function qbittorrentImage(cache: string, base: Layer): Promise<Image> {
  const files = await findQbittorrent(cache)
  // Wherever it lay on this machine; the loader's path alone is written in the program.
  const inImage = files.map((file) => (isLoader(file.path) ? file : {...file, path: `qb/${path.basename(file.path)}`}))
  const defaults = [{path: 'defaults'}, {path: 'defaults/qBittorrent.conf', content: DEFAULTS, mode: 0o644}]
  const layer = await makeLayer([...inImage, ...defaults, {path: 'start', content: START}])
  return makeImage([base, layer], {entrypoint: ['/start'], labels: {'org.opencontainers.image.version': '4.0.0'}})
}

const isLoader = (file: string): boolean => path.basename(file).startsWith('ld-linux')
