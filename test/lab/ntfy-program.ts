import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {execa} from 'execa'
import {unpackedPackages} from './debian-packages.js'

/**
 * Debian 13's ntfy. It needs libc6 >= 2.34 and nothing else (apt-cache show ntfy), so that Debian 12, which has no ntfy, can
 * run it.
 * @returns The path of the program.
 * @throws Error that says what is missing.
 */
export async function findNtfy(cache: string): Promise<string> {
  const programIn = (root: string): string => path.join(root, 'usr/bin/ntfy')
  const complete = async (root: string): Promise<boolean> => !(await execa(programIn(root), ['--help'], {reject: false})).failed
  return programIn(await unpackedPackages(cache, {names: ['ntfy'], complete, download}))
}

async function download(folder: string): Promise<void> {
  if ((await execa('apt-get', ['download', 'ntfy'], {cwd: folder, reject: false})).failed) await downloadFromTrixie(folder)
}

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
