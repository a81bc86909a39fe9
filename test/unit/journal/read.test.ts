import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {openJournal} from '../../../src/lib/journal/journal.js'
import {readJournal} from '../../../src/lib/journal/read.js'
import {began, ended, planned, step} from '../../support/unit/records.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const OPERATION = [began('a'), planned('a', 'stop sonarr', 'wait sonarr'), step('a', 'stop sonarr', 'failed', 'no'), ended('a')]

describe('readJournal', () => {
  it('reads what was written, of every kind', async () => {
    const folder = await tempFolder()
    for (const record of OPERATION) await openJournal(folder).append(record)
    expect(await readJournal(folder)).toEqual(OPERATION)
  })

  it('is empty where there is no journal, and no folder', async () => {
    const folder = await tempFolder()
    expect([await readJournal(folder), await readJournal(path.join(folder, 'no'))]).toEqual([[], []])
  })

  it('has what was put aside before what came since', async () => {
    const folder = await tempFolder()
    const journal = openJournal(folder, {maxBytes: 400})
    for (const op of ['one', 'two', 'three', 'four', 'five']) await journal.append(began(op))
    expect((await readJournal(folder)).map(({op}) => op)).toEqual(['one', 'two', 'three', 'four', 'five'])
  })

  it('leaves out what is no line of ours', async () => {
    const folder = await tempFolder()
    const bad = [
      '',
      'null',
      '7',
      '{"op":"x","at":"2026-11-23T02:13:00.000Z","kind":"beg',
      '{"op":"x","at":"2026-11-23T02:13:00.000Z","kind":"constructor"}',
      JSON.stringify({...began('x'), by: 'nobody'}),
      JSON.stringify({...began('x'), at: 'yesterday'}),
      JSON.stringify({...began('x'), stack: 7}),
      JSON.stringify({...planned('x'), steps: [{action: 'stop'}]}),
      JSON.stringify({...planned('x'), steps: [null]}),
      JSON.stringify({...step('x', 'stop sonarr'), seconds: '1'}),
      JSON.stringify({...ended('x'), result: 'well'}),
    ]
    const lines = bad.flatMap((line, place) => [line, JSON.stringify(began(String(place)))])
    await writeFile(path.join(folder, 'journal.jsonl'), lines.join('\n'))
    expect((await readJournal(folder)).map(({op}) => op)).toEqual(bad.map((_, place) => String(place)))
  })

  it('takes lines with more fields, which a newer homelab wrote', async () => {
    const folder = await tempFolder()
    await writeFile(path.join(folder, 'journal.jsonl'), `${JSON.stringify({...began('a'), colour: 'blue'})}\n`)
    expect(await readJournal(folder)).toMatchObject([{op: 'a'}])
  })

  it('reads the end of a file that somebody made too large', async () => {
    const folder = await tempFolder()
    const line = `${JSON.stringify(began('old', {trigger: 'x'.repeat(1_900)}))}\n`
    await writeFile(path.join(folder, 'journal.jsonl'), line.repeat(3_000) + `${JSON.stringify(began('new'))}\n`)
    const all = await readJournal(folder)
    expect([all.length < 2_200, all.at(-1)?.op]).toEqual([true, 'new'])
  })

  it('says which file it may not read', async () => {
    const folder = await tempFolder()
    await mkdir(path.join(folder, 'journal.jsonl'))
    await expect(readJournal(folder)).rejects.toMatchObject({exitCode: 78, message: expect.stringContaining('journal.jsonl') as string})
  })
})
