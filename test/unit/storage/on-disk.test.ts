import {open, rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterEach, describe, expect, it, vi} from 'vitest'
import {writeAtomically} from '../../../src/lib/storage/atomic-file.js'
import {openJobs} from '../../../src/lib/update/queue/jobs.js'
import {openJournal} from '../../../src/lib/journal/journal.js'
import {aJob} from '../../support/unit/job.js'
import {memoryLog} from '../../support/unit/memory-log.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const WRITES = ['appendFile', 'write', 'writeFile'] as const
const SYNCS = ['datasync', 'sync'] as const

/** A SIGKILL leaves the kernel's cache in place, a power cut does not: so what is asked of the disk is listened to. */
async function listen(): Promise<string[]> {
  const file = path.join(await tempFolder(), 'any')
  await writeFile(file, '')
  const handle = await open(file)
  const prototype = Object.getPrototypeOf(handle) as Record<string, (...args: unknown[]) => Promise<unknown>>
  await handle.close()
  await rm(file)
  const heard: string[] = []
  for (const name of [...WRITES, ...SYNCS]) {
    const real = prototype[name]!
    vi.spyOn(prototype, name).mockImplementation(async function (this: unknown, ...args: unknown[]) {
      const answer = await real.apply(this, args)
      heard.push((SYNCS as readonly string[]).includes(name) ? 'sync' : 'write')
      return answer
    })
  }
  return heard
}

describe('what was accepted is on disk when the caller hears of it', () => {
  afterEach(() => void vi.restoreAllMocks())

  const written = (heard: readonly string[]): readonly string[] => heard.slice(heard.lastIndexOf('write'))

  it('a job of the queue', async () => {
    const jobs = openJobs(await tempFolder(), {now: () => new Date(), log: memoryLog()})
    const heard = await listen()
    await jobs.add([aJob('a')])
    // Of a file that is new also its name, and those of its folders.
    expect(written(heard).length).toBeGreaterThan(2)
    heard.splice(0)
    await jobs.add([aJob('b')])
    expect(written(heard)).toEqual(['write', 'sync'])
  })

  it('a line of the journal', async () => {
    const journal = openJournal(await tempFolder())
    const heard = await listen()
    const line = {op: 'a', at: '2026-11-27T00:00:00.000Z', kind: 'ended', result: 'done', summary: '', seconds: 1} as const
    await journal.append(line)
    heard.splice(0)
    await journal.append(line)
    expect(written(heard)).toEqual(['write', 'sync'])
  })

  it('a file that is replaced', async () => {
    const file = path.join(await tempFolder(), 'state.json')
    const heard = await listen()
    await writeAtomically(file, '{}')
    // The file, then the name that it was given.
    expect(written(heard)).toEqual(['write', 'sync', 'sync'])
  })
})
