import {existsSync} from 'node:fs'
import {readdir, readFile, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {execa} from 'execa'
import {removeLab} from './remove-lab.js'

/** What is needed to remove a lab stands in its own folder. */
type LabRecord = {
  readonly id: string
  readonly home: string
  /** Process ids: of the lab's registry, and of who will remove the lab; a kept lab has no such owner any more. */
  readonly registry: number | undefined
  readonly owner: number | undefined
}

const RECORD = 'lab.json'

export const recordLab = (record: LabRecord): Promise<void> => writeFile(path.join(record.home, RECORD), JSON.stringify(record))

/**
 * Removes the kept labs of this machine, and what runs that were killed have left; never one that a living run works in.
 * @returns their names.
 */
export async function removeKept(): Promise<string[]> {
  const records = await readRecords()
  const used = records.filter(({owner}) => owner !== undefined && existsSync(`/proc/${owner}`))
  const free = records.filter((record) => !used.includes(record))
  for (const {id, home, registry} of free) {
    await removeLab(id, home)
    await endRegistry(registry)
  }
  const left = (await labelled()).filter((id) => !records.some((record) => record.id === id))
  for (const id of left) await removeLab(id, undefined)
  return [...free.map(({id}) => id), ...left]
}

async function readRecords(): Promise<LabRecord[]> {
  const folders = (await readdir(tmpdir())).filter((name) => name.startsWith('homelab-lab-'))
  const texts = await Promise.all(folders.map((folder) => readFile(path.join(tmpdir(), folder, RECORD), 'utf8').catch(() => undefined)))
  return texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as LabRecord]))
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
