import {access, mkdir, readdir, rm} from 'node:fs/promises'
import path from 'node:path'
import {execa} from 'execa'

/** Programs of the lab that Debian packages. They are unpacked beside the checkout, never installed: no service starts. */
export type Tools = {readonly registry: string; readonly busybox: string}

const PACKAGES = ['docker-registry', 'busybox-static']

/** @throws Error that names the command to type if the packages cannot be had. */
export async function findTools(cache: string): Promise<Tools> {
  const tools = {registry: path.join(cache, 'root/usr/bin/docker-registry'), busybox: path.join(cache, 'root/bin/busybox')}
  if (!(await exist(tools))) await unpack(cache)
  if (!(await exist(tools))) tools.busybox = path.join(cache, 'root/usr/bin/busybox') // newer Debians: no /bin of its own
  if (!(await exist(tools))) throw new Error(`${PACKAGES.join(' and ')} were unpacked into ${cache}, but their programs are not there`)
  return tools
}

async function exist(tools: Tools): Promise<boolean> {
  const found = await Promise.all(
    Object.values(tools).map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  )
  return found.every(Boolean)
}

async function unpack(cache: string): Promise<void> {
  await rm(cache, {recursive: true, force: true})
  await mkdir(cache, {recursive: true})
  await download(cache)
  const packages = (await readdir(cache)).filter((file) => file.endsWith('.deb'))
  for (const file of packages) await execa('dpkg', ['-x', file, 'root'], {cwd: cache})
}

async function download(cwd: string): Promise<void> {
  const get = () => execa('apt-get', ['download', ...PACKAGES], {cwd, reject: false})
  if (!(await get()).failed) return
  // A machine that never read its package lists; only root may read them.
  await execa('apt-get', ['update', '-qq'], {reject: false})
  const again = await get()
  if (again.failed) throw new Error(`The lab needs Debian's ${PACKAGES.join(' and ')}. Try: sudo apt-get update\n${again.stderr}`)
}
