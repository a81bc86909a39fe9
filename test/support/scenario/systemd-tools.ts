import {chmod, mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {execa} from 'execa'
import {libraryPath, unpackedPackages} from '../../lab/debian-packages.js'

const PROGRAMS = ['systemd-analyze', 'systemd-notify']

/**
 * A PATH on which systemd's programs are: the machine's own, or those of Debian's package, unpacked into `cache` and not
 * installed: no service starts.
 * @throws Error if they cannot be had.
 */
export async function pathWithSystemd(cache: string, own = process.env.PATH ?? ''): Promise<string> {
  if (await work(own)) return own
  const pathOf = (root: string): string => `${path.join(root, FOLDER)}:${own}`
  const complete = (root: string): Promise<boolean> => work(pathOf(root))
  return pathOf(await unpackedPackages(cache, {names: ['systemd'], libraries: true, complete, finish: writeScripts}))
}

async function work(PATH: string): Promise<boolean> {
  const tried = await Promise.all(PROGRAMS.map((name) => execa(name, ['--version'], {env: {PATH}, reject: false})))
  return tried.every(({exitCode}) => exitCode === 0)
}

/** Of the scripts that start the programs with their libraries. */
const FOLDER = 'programs'

async function writeScripts(root: string): Promise<void> {
  await mkdir(path.join(root, FOLDER))
  // What was unpacked is moved afterwards.
  const libraries = (await libraryPath(root)).replaceAll(root, '$root')
  for (const name of PROGRAMS) {
    const {stdout} = await execa('find', [root, '-name', name, '-type', 'f', '-perm', '/111'])
    const program = (stdout.split('\n')[0] ?? '').replace(root, '$root')
    const script = path.join(root, FOLDER, name)
    await writeFile(script, `#!/bin/sh\nroot=\${0%/*}/..\nLD_LIBRARY_PATH="${libraries}" exec "${program}" "$@"\n`)
    await chmod(script, 0o755)
  }
}
