import {readdir, readFile, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {execa} from 'execa'
import type {Lab} from './lab.js'
import {removeLab} from './remove-lab.js'

/** Labs that stay after the demo: what is needed to remove one stands in its own folder. */
type Kept = {readonly id: string; readonly home: string; readonly registry: number | undefined}

const RECORD = 'lab.json'

export async function keepLab({id, home}: Lab, registry: number | undefined): Promise<void> {
  await writeFile(path.join(home, RECORD), JSON.stringify({id, home, registry} satisfies Kept))
}

/** Removes every lab of this machine: the kept ones, and what a run that was killed has left. @returns their names. */
export async function removeKept(): Promise<string[]> {
  const records = await readRecords()
  for (const {id, home, registry} of records) {
    await removeLab(id, home)
    await endRegistry(registry)
  }
  const left = await labelled()
  for (const id of left) await removeLab(id, undefined)
  return [...records.map(({id}) => id), ...left]
}

async function readRecords(): Promise<Kept[]> {
  const folders = (await readdir(tmpdir())).filter((name) => name.startsWith('homelab-lab-'))
  const texts = await Promise.all(folders.map((folder) => readFile(path.join(tmpdir(), folder, RECORD), 'utf8').catch(() => undefined)))
  return texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as Kept]))
}

async function labelled(): Promise<string[]> {
  const {stdout} = await execa('docker', ['ps', '-a', '--filter', 'label=io.homelab.lab', '--format', '{{.Label "io.homelab.lab"}}'])
  return [...new Set(stdout.split('\n').filter((id) => id !== ''))]
}

/** A process id may be somebody else's by now. */
async function endRegistry(pid: number | undefined): Promise<void> {
  if (pid === undefined) return
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  if (line.includes('docker-registry')) process.kill(pid)
}
