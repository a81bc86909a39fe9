import {appendFile, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {openJobs} from '../../../../src/lib/update/queue/jobs.js'
import {aJob} from '../../../support/unit/job.js'
import {memoryLog} from '../../../support/unit/memory-log.js'
import {tempFolder} from '../../../support/unit/temp-folder.js'

async function queue() {
  const folder = path.join(await tempFolder(), 'not', 'yet')
  const log = memoryLog()
  const open = () => openJobs(folder, {now: () => new Date(), log})
  return {folder, file: path.join(folder, 'updates', 'jobs.jsonl'), log, open, jobs: open()}
}

const idsOf = async ({all}: ReturnType<typeof openJobs>) => (await all()).map(({id}) => id)

describe('the queue of updates', () => {
  it('is empty at first, and has what was added, oldest first, for its owner alone', async () => {
    const {jobs, file, open} = await queue()
    expect(await jobs.all()).toEqual([])
    const full = aJob('b', {change: {kind: 'digest', digest: undefined}, imageCreatedAt: 3, approved: true, told: true})
    await jobs.add([aJob('a'), full])
    await jobs.add([aJob('c', {change: {kind: 'digest', digest: 'sha256:d'}})])
    expect(await jobs.all()).toEqual([aJob('a'), full, aJob('c', {change: {kind: 'digest', digest: 'sha256:d'}})])
    expect(await open().all()).toEqual(await jobs.all())
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it('keeps changes, and nothing of a job that it does not have', async () => {
    const {jobs, open} = await queue()
    await jobs.add([aJob('a')])
    await jobs.change('a', {state: 'running', attempts: 1, op: 'x'})
    await jobs.change('a', {state: 'done', endedAt: 5, summary: 'It runs.', told: true})
    await jobs.change('b', {state: 'done'})
    const ended = aJob('a', {state: 'done', attempts: 1, op: 'x', endedAt: 5, summary: 'It runs.', told: true})
    expect(await jobs.all()).toEqual([ended])
    expect(await open().all()).toEqual([ended])
  })

  it('sees what another one appends, and a compaction by it', async () => {
    const {jobs, open} = await queue()
    const other = open()
    await other.add([aJob('a')])
    expect(await idsOf(jobs)).toEqual(['a'])
    await other.add([aJob('b')])
    expect(await idsOf(jobs)).toEqual(['a', 'b'])
    for (let round = 0; round < 4; round++) {
      await other.change('a', {attempts: round})
      await other.compact()
      await other.add([aJob(`c${round}`)])
      if (round % 2 === 1) expect((await jobs.all())[0]).toMatchObject({id: 'a', attempts: round})
    }
    expect(await idsOf(jobs)).toEqual(['a', 'b', 'c0', 'c1', 'c2', 'c3'])
  })

  it('writes what arrives during a write with the next one', async () => {
    const {jobs, file} = await queue()
    await Promise.all(Array.from({length: 1_000}, (_, count) => jobs.add([aJob(String(count))])))
    expect(await idsOf(jobs)).toEqual(Array.from({length: 1_000}, (_, count) => String(count)))
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(1_002)
  })

  it('keeps all open jobs and the newest 500 that ended', async () => {
    const {jobs, open, file} = await queue()
    const ended = Array.from({length: 600}, (_, count) => aJob(`e${count}`, {state: 'done', endedAt: 600 - count}))
    await jobs.add([aJob('a', {state: 'running'}), ...ended, aJob('z')])
    await writeFile(path.join(path.dirname(file), '.jobs.jsonl.0123456789ab.tmp'), 'left by a killed process')
    await jobs.compact()
    expect(await idsOf(open())).toEqual(['a', ...ended.slice(0, 500).map(({id}) => id), 'z'])
    expect(await idsOf(jobs)).toHaveLength(502)
    expect(await readdir(path.dirname(file))).toEqual(['jobs.jsonl'])
    const {ino} = await stat(file)
    await jobs.compact()
    expect((await stat(file)).ino).toBe(ino)
  })
})

describe('a queue that was damaged', () => {
  it('begins a line of its own after one that was torn, and says so once', async () => {
    const {jobs, file, log, open} = await queue()
    await jobs.add([aJob('a')])
    await jobs.add([aJob('b')])
    await truncate(file, (await stat(file)).size - 20)
    expect(await idsOf(open())).toEqual(['a'])
    await open().add([aJob('c')])
    const later = open()
    expect(await idsOf(later)).toEqual(['a', 'c'])
    await later.add([aJob('d')])
    expect(await idsOf(later)).toEqual(['a', 'c', 'd'])
    expect(log.lines).toEqual([expect.stringMatching(/^warn .*jobs\.jsonl has 1 damaged line/)])
  })

  it('leaves out what has another shape', async () => {
    const {jobs, file} = await queue()
    await jobs.add([aJob('a')])
    const lines = [
      {kind: 'job', job: {...aJob('b'), state: 'lost'}},
      {kind: 'job', job: {...aJob('c'), change: {kind: 'tag'}}},
      {kind: 'job', job: {...aJob('d'), told: 'yes', secret: 'x'}, more: 1},
      {kind: 'change', id: 'a', changes: {state: 'lost', attempts: 2, stack: 'plex'}},
      {kind: 'change', id: 'a'},
      {kind: 'else'},
      null,
      'text',
    ]
    await appendFile(file, `\0\0\0\n${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"kind":"job","jo`)
    expect(await jobs.all()).toEqual([aJob('a', {attempts: 2}), aJob('d')])
  })

  it('reads lines that are longer than what is read at once', async () => {
    const {jobs, file} = await queue()
    await jobs.add([aJob('a')])
    await appendFile(file, `${'x'.repeat(3_000_000)}\n`)
    await jobs.add([aJob('b')])
    expect(await idsOf(jobs)).toEqual(['a', 'b'])
  })

  it('names the file when there is no room, or a folder in its place', async () => {
    const {jobs, file} = await queue()
    await mkdir(path.dirname(file), {recursive: true})
    await symlink('/dev/full', file)
    const refused = await Promise.allSettled([jobs.add([aJob('a')]), jobs.add([aJob('b')]), jobs.change('a', {attempts: 1})])
    for (const {status, ...rest} of refused) {
      expect([status, rest]).toEqual([
        'rejected',
        {
          reason: expect.objectContaining({
            exitCode: 78,
            message: expect.stringMatching(/jobs\.jsonl, cannot be written: ENOSPC/) as string,
          }) as Error,
        },
      ])
    }
    const other = await queue()
    await mkdir(other.file, {recursive: true})
    await expect(other.jobs.all()).rejects.toMatchObject({exitCode: 78, message: expect.stringContaining(other.file) as string})
    await expect(other.jobs.add([aJob('a')])).rejects.toMatchObject({exitCode: 78})
    await expect(other.jobs.compact()).rejects.toMatchObject({exitCode: 78})
  })

  it('can be used again when there is room', async () => {
    const {jobs, file} = await queue()
    await mkdir(path.dirname(file), {recursive: true})
    await symlink('/dev/full', file)
    await expect(jobs.add([aJob('a')])).rejects.toThrow('ENOSPC')
    await rm(file)
    await jobs.add([aJob('b')])
    expect(await idsOf(jobs)).toEqual(['b'])
  })
})
