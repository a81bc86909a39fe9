import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {closure} from './closure.js'
import {libraryFolder, unpacked} from './debian-packages.js'
import {makeLayer, type File, type Layer} from './oci-image.js'

/** In the place of BusyBox' of the same name, as in Gluetun's image: https://github.com/qdm12/gluetun/blob/master/Dockerfile */
const PROGRAMS = ['usr/bin/wget', 'usr/bin/wireguard-go', 'usr/bin/wg'] as const

/**
 * What Gluetun's image has beside BusyBox: GNU wget, whose exit codes and words are others; and WireGuard, here Debian's in
 * userspace.
 * @param cache A folder that keeps what is unpacked.
 */
export async function gatewayTools(cache: string): Promise<Layer> {
  const root = await unpacked(cache, ['wget', 'wireguard-go', 'wireguard-tools'], PROGRAMS[1])
  const libraries = await libraryFolder(root)
  const files = await Promise.all(
    PROGRAMS.map((program) => closure(path.join(root, program), libraries === undefined ? {} : {LD_LIBRARY_PATH: libraries})),
  )
  const inRoot = `${path.relative('/', root)}/`
  const own = files.flat().map((file): File => ({...file, path: file.path.startsWith(inRoot) ? file.path.slice(inRoot.length) : file.path}))
  const once = new Map(own.map((file) => [file.path, file]))
  const timeout = await readFile(path.join(import.meta.dirname, 'stand-in', 'timeout.sh'))
  return makeLayer([
    {path: 'bin/timeout', content: timeout},
    ...once.values(),
    ...PROGRAMS.map((program) => ({path: `bin/${path.basename(program)}`, link: `/${program}`})),
  ])
}
