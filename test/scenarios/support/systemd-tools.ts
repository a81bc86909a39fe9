import {chmod, mkdir, readdir, rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {execa} from 'execa'

const PROGRAMS = ['systemd-analyze', 'systemd-notify']

/**
 * A PATH on which systemd's programs are: the machine's own, or those of Debian's package, unpacked into `cache` and not
 * installed: no service starts.
 * @throws Error if they cannot be had.
 */
export async function pathWithSystemd(cache: string, own = process.env.PATH ?? ''): Promise<string> {
  if (await work(own)) return own
  const unpacked = `${path.join(cache, 'programs')}:${own}`
  if (await work(unpacked)) return unpacked
  await unpack(cache)
  if (await work(unpacked)) return unpacked
  throw new Error(`Debian's package systemd was unpacked into ${cache}, but ${PROGRAMS.join(' and ')} do not run there`)
}

async function work(PATH: string): Promise<boolean> {
  const tried = await Promise.all(PROGRAMS.map((name) => execa(name, ['--version'], {env: {PATH}, reject: false})))
  return tried.every(({exitCode}) => exitCode === 0)
}

async function unpack(cache: string): Promise<void> {
  await rm(cache, {recursive: true, force: true})
  await mkdir(path.join(cache, 'partial'), {recursive: true})
  await mkdir(path.join(cache, 'programs'))
  await download(cache)
  for (const file of (await readdir(cache)).filter((name) => name.endsWith('.deb'))) await execa('dpkg', ['-x', file, 'root'], {cwd: cache})
  const root = path.join(cache, 'root')
  const {stdout} = await execa('find', [root, '-name', '*.so*', '-printf', '%h\\n'])
  const libraries = [...new Set(stdout.split('\n'))].join(':')
  for (const name of PROGRAMS) {
    const {stdout: found} = await execa('find', [root, '-name', name, '-type', 'f', '-perm', '/111'])
    const program = path.join(cache, 'programs', name)
    await writeFile(program, `#!/bin/sh\nLD_LIBRARY_PATH='${libraries}' exec '${found.split('\n')[0]}' "$@"\n`)
    await chmod(program, 0o755)
  }
}

/** The package and what it needs that is not installed here. */
async function download(cache: string): Promise<void> {
  const options = ['--yes', '--no-install-recommends', '--download-only', '-o', 'Debug::NoLocking=1', '-o', `Dir::Cache::archives=${cache}`]
  const get = () => execa('apt-get', ['install', ...options, 'systemd'], {reject: false})
  if (!(await get()).failed) return
  // A machine that never read its package lists; only root may read them.
  await execa('apt-get', ['update', '-qq'], {reject: false})
  const again = await get()
  if (again.failed) throw new Error(`The tests need Debian's package systemd. Try: sudo apt-get update\n${again.stderr}`)
}
