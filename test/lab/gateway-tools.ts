import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {closure} from './closure.js'
import {libraryPath, unpackedPackages} from './debian-packages.js'
import {makeLayer, type File, type Layer} from './oci-image.js'

/** In the place of BusyBox' of the same name, as in Gluetun's image: https://github.com/qdm12/gluetun/blob/master/Dockerfile */
const PROGRAMS = ['usr/bin/wget', 'usr/bin/wireguard-go', 'usr/bin/wg'] as const

/**
 * Debian's GNU wget and WireGuard in userspace, unpacked.
 * @param cache A folder that keeps them.
 * @returns The folder that stands for "/".
 */
export const gatewayPrograms = (cache: string): Promise<string> =>
  unpackedPackages(cache, {
    names: ['wget', 'wireguard-go', 'wireguard-tools'],
    libraries: true,
    complete: async (root) => (await filesOf(root).catch(() => undefined)) !== undefined,
  })

async function filesOf(root: string): Promise<File[]> {
  const env = {LD_LIBRARY_PATH: await libraryPath(root)}
  return (await Promise.all(PROGRAMS.map((program) => closure(path.join(root, program), env)))).flat()
}

/**
 * What Gluetun's image has beside BusyBox: GNU wget, whose exit codes and words are others; and WireGuard, here Debian's in
 * userspace.
 * @param cache A folder that keeps what is unpacked.
 */
export async function gatewayTools(cache: string): Promise<Layer> {
  const root = await gatewayPrograms(cache)
  const inRoot = `${path.relative('/', root)}/`
  const own = (await filesOf(root)).map((file): File => ({...file, path: file.path.replace(inRoot, '')}))
  const once = new Map(own.map((file) => [file.path, file]))
  const timeout = await readFile(path.join(import.meta.dirname, 'stand-in', 'timeout.sh'))
  return makeLayer([
    {path: 'bin/timeout', content: timeout},
    ...once.values(),
    ...PROGRAMS.map((program) => ({path: `bin/${path.basename(program)}`, link: `/${program}`})),
  ])
}
