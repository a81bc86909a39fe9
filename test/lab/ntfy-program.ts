import {access, mkdir, mkdtemp, readdir, rename, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {execa} from 'execa'

/**
 * Debian 13's ntfy, unpacked and never installed. It needs libc6 >= 2.34 and nothing else (apt-cache show ntfy), so that
 * Debian 12, which has no ntfy, can run it.
 * @returns The path of the program.
 * @throws Error that says what is missing.
 */
export async function findNtfy(cache: string): Promise<string> {
  const program = path.join(cache, 'root/usr/bin/ntfy')
  if (await exists(program)) return program
  await rm(cache, {recursive: true, force: true})
  await mkdir(cache, {recursive: true})
  if ((await execa('apt-get', ['download', 'ntfy'], {cwd: cache, reject: false})).failed) await downloadFromTrixie(cache)
  const file = (await readdir(cache)).find((name) => name.endsWith('.deb')) ?? 'ntfy.deb'
  // Under another name first: one that is half unpacked must not be taken for whole by the next run.
  await execa('dpkg', ['-x', file, 'unpacking'], {cwd: cache})
  await rename(path.join(cache, 'unpacking'), path.join(cache, 'root'))
  return program
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )

/** With settings, lists and a cache of apt's that are ours alone: nothing of this machine's changes. */
async function downloadFromTrixie(folder: string): Promise<void> {
  const own = await mkdtemp(path.join(tmpdir(), 'homelab-apt-'))
  try {
    const options = await writeAptSettings(own)
    for (const args of [
      ['update', '-qq'],
      ['download', 'ntfy'],
    ]) {
      const done = await execa('apt-get', [...options, ...args], {cwd: folder, reject: false})
      if (done.failed) throw new Error(`The lab needs Debian 13’s ntfy. Is the mirror in reach, and ${KEYRING} there?\n${done.stderr}`)
    }
  } finally {
    await rm(own, {recursive: true, force: true})
  }
}

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

async function writeAptSettings(folder: string): Promise<string[]> {
  const at = (name: string): string => path.join(folder, name)
  for (const name of ['lists/partial', 'cache/archives/partial']) await mkdir(at(name), {recursive: true})
  await writeFile(at('sources.list'), `deb [signed-by=${KEYRING}] ${await mirror()} trixie main\n`)
  const settings = {
    'Dir::Etc::sourcelist': at('sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State::lists': at('lists'),
    'Dir::Cache': at('cache'),
    'Acquire::Languages': 'none',
    // Otherwise a mirror that is out of reach is a warning, and the error is that there is no ntfy.
    'APT::Update::Error-Mode': 'any',
    // The user _apt may not write into a folder of ours.
    'APT::Sandbox::User': 'root',
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
}

/** The Debian mirror that this machine uses, as apt itself reads its sources, old style or new, with or without lists. */
async function mirror(): Promise<string> {
  const {stdout} = await execa('apt-get', ['update', '--print-uris'], {reject: false})
  return /^'(\S+\/debian)\/dists\//m.exec(stdout)?.[1] ?? 'http://deb.debian.org/debian'
}
