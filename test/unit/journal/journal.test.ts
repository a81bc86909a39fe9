import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {appendFile, mkdir, readdir, readFile, stat, symlink, truncate, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import type {JournalRecord} from '../../../src/lib/journal/record.js'
import {openJournal} from '../../../src/lib/journal/journal.js'
import {withLock} from '../../../src/lib/storage/lock.js'
import {began} from '../../support/unit/records.js'
import {bundled} from '../../support/unit/bundled.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const APPENDER = bundled(path.join(import.meta.dirname, '../../support/unit/append-lines.ts'))

const append = (...args: (string | number)[]): ChildProcess =>
  spawn(process.execPath, [APPENDER, ...args.map(String)], {stdio: ['ignore', 'ignore', 'inherit']})

async function linesOf(folder: string, ...names: string[]): Promise<string[]> {
  const files = await Promise.all((names.length > 0 ? names : ['journal.jsonl']).map((name) => readFile(path.join(folder, name), 'utf8')))
  return files.flatMap((text) => text.split('\n')).filter((line) => line !== '')
}

const records = (lines: readonly string[]): JournalRecord[] => lines.map((line) => JSON.parse(line) as JournalRecord)

describe('the journal', () => {
  it('is a line an operation, in a folder that it makes, for its owner and group only', async () => {
    const folder = path.join(await tempFolder(), 'not', 'yet')
    const journal = openJournal(folder)
    await journal.append(began('one'))
    await journal.append(began('two'))
    expect(await readFile(path.join(folder, 'journal.jsonl'), 'utf8')).toBe(
      `${JSON.stringify(began('one'))}\n${JSON.stringify(began('two'))}\n`,
    )
    expect((await stat(path.join(folder, 'journal.jsonl'))).mode & 0o7137).toBe(0)
  })

  it('cuts each text to 2,000 characters', async () => {
    const folder = await tempFolder()
    await openJournal(folder).append(began('one', {trigger: 'x'.repeat(5_000), stack: 'y'.repeat(2_000)}))
    const [record] = records(await linesOf(folder))
    expect(record).toMatchObject({trigger: `${'x'.repeat(1_999)}…`, stack: 'y'.repeat(2_000)})
  })

  it('begins a line of its own after one that was torn', async () => {
    const folder = await tempFolder()
    const journal = openJournal(folder)
    await journal.append(began('one'))
    await truncate(path.join(folder, 'journal.jsonl'), 30)
    await journal.append(began('two'))
    const [torn, ...rest] = await linesOf(folder)
    expect(torn).toBe(JSON.stringify(began('one')).slice(0, 30))
    expect(records(rest)).toEqual([began('two')])
  })

  it('loses and tears nothing when several processes append at once', {timeout: 60_000}, async () => {
    const folder = await tempFolder()
    const writers = ['a', 'b', 'c', 'd'].map((name) => append(folder, name, 500))
    expect(await Promise.all(writers.map((writer) => once(writer, 'exit')))).toEqual(Array(4).fill([0, null]))
    const all = records(await linesOf(folder))
    expect(all).toHaveLength(2_000)
    for (const name of ['a', 'b', 'c', 'd']) {
      const own = all.filter(({op}) => op === name).map((record) => (record.kind === 'began' ? record.trigger.split(' ')[1] : ''))
      expect(own).toEqual(Array.from({length: 500}, (_, line) => String(line)))
    }
  })

  it('is whole after a process was killed in the middle', {timeout: 60_000}, async () => {
    const folder = await tempFolder()
    const writers = ['a', 'b'].map((name) => append(folder, name, 1_000_000))
    while (!(await readdir(folder)).includes('journal.jsonl')) await sleep(20)
    await sleep(150)
    writers.forEach((writer) => writer.kill('SIGKILL'))
    await Promise.all(writers.map((writer) => once(writer, 'exit')))
    await openJournal(folder).append(began('after'))
    const lines = await linesOf(folder)
    // A killed process may leave a torn line; it takes no other one with it.
    const bad = lines.filter((line) => !line.endsWith('}'))
    expect(bad.length).toBeLessThanOrEqual(2)
    expect(records(lines.slice(-1))).toEqual([began('after')])
  })
})

describe('the journal, full', () => {
  it('is put aside, over the older one', async () => {
    const folder = await tempFolder()
    const journal = openJournal(folder, {maxBytes: 400})
    for (const op of ['one', 'two', 'three', 'four', 'five']) await journal.append(began(op))
    expect(records(await linesOf(folder, 'journal.1.jsonl')).map(({op}) => op)).toEqual(['one', 'two', 'three'])
    expect(records(await linesOf(folder)).map(({op}) => op)).toEqual(['four', 'five'])
  })

  it('is put aside once, by however many processes', {timeout: 60_000}, async () => {
    const folder = await tempFolder()
    await writeFile(path.join(folder, 'journal.jsonl'), `${JSON.stringify(began('old', {trigger: 'x'.repeat(1_000_000)}))}\n`)
    const writers = ['a', 'b', 'c', 'd'].map((name) => append(folder, name, 50, 900_000))
    await Promise.all(writers.map((writer) => once(writer, 'exit')))
    const [old, ...others] = records(await linesOf(folder, 'journal.1.jsonl', 'journal.jsonl'))
    expect([old?.op, others.length]).toEqual(['old', 200])
  })

  it('takes the line all the same while another process is putting it aside for long', {timeout: 10_000}, async () => {
    const folder = await tempFolder()
    await appendFile(path.join(folder, 'journal.jsonl'), `${JSON.stringify(began('old'))}\n`)
    const options = {doing: 'a test', wait: 0, signal: new AbortController().signal, onWait() {}, now: () => new Date()}
    await withLock(path.join(folder, 'locks', 'journal.lock'), options, () => openJournal(folder, {maxBytes: 10}).append(began('new')))
    expect(records(await linesOf(folder)).map(({op}) => op)).toEqual(['old', 'new'])
  })
})

describe('a journal that cannot be written', () => {
  it('names the file and what to do when there is no room', async () => {
    const folder = await tempFolder()
    await symlink('/dev/full', path.join(folder, 'journal.jsonl'))
    await expect(openJournal(folder).append(began('one'))).rejects.toMatchObject({
      message: expect.stringMatching(/^The journal \/.*\/journal\.jsonl cannot be written: ENOSPC/) as string,
      exitCode: 78,
      next: [expect.stringContaining(`df -h ${folder}`) as string, expect.stringContaining('HOMELAB_STATE=') as string],
    })
  })

  it('names it too when a folder is in its place', async () => {
    const folder = await tempFolder()
    await mkdir(path.join(folder, 'journal.jsonl'))
    await expect(openJournal(folder).append(began('one'))).rejects.toMatchObject({exitCode: 78})
  })
})
