import {describe, expect, it} from 'vitest'
import {recorder} from '../../../src/lib/journal/recorder.js'
import type {JournalRecord} from '../../../src/lib/journal/record.js'
import {MemoryJournal} from '../../support/unit/memory-journal.js'

describe('recorder', () => {
  const step = {action: 'restart', target: 'gluetun', reason: 'it was asked for', needs: ['a'], container: 'id', limit: 60} as const

  it('maps an operation to its lines, and keeps to itself what the journal does not have', async () => {
    const journal = new MemoryJournal()
    let now = Date.parse('2026-11-23T02:13:05Z')
    const notes = recorder(journal, {op: 'x', now: () => (now += 1_000)})
    await notes.began({stack: 'torrent', verb: 'restart', by: 'command', trigger: 'homelab stack torrent restart'})
    await notes.planned({stack: 'torrent', verb: 'restart', stages: [[step], []], untouched: [], notes: ['!'], lookAgain: false})
    await notes.step({step, result: 'failed', seconds: 0.1 + 0.2, message: 'no', error: new Error('no')})
    await notes.ended({result: 'failed', summary: 'no', seconds: 1})
    const why = {action: 'restart', target: 'gluetun', reason: 'it was asked for'}
    expect(journal.records).toEqual([
      {
        op: 'x',
        at: '2026-11-23T02:13:06.000Z',
        kind: 'began',
        stack: 'torrent',
        verb: 'restart',
        by: 'command',
        trigger: 'homelab stack torrent restart',
      },
      {op: 'x', at: '2026-11-23T02:13:07.000Z', kind: 'planned', steps: [why]},
      {op: 'x', at: '2026-11-23T02:13:08.000Z', kind: 'step', ...why, result: 'failed', seconds: 0.3, message: 'no'},
      {op: 'x', at: '2026-11-23T02:13:09.000Z', kind: 'ended', result: 'failed', seconds: 1, summary: 'no'},
    ] satisfies JournalRecord[])
  })

  it('keeps the order of calls that do not wait for each other, also behind one that failed', async () => {
    const journal = new MemoryJournal()
    journal.refuse = ({kind}) => {
      if (kind === 'began') throw new Error('no room')
    }
    const notes = recorder(journal, {op: 'x', now: Date.now})
    const writes = [
      notes.began({stack: 'torrent', verb: 'up', by: 'command', trigger: ''}),
      ...(['done', 'skipped'] as const).map((result) => notes.step({step, result, seconds: 0, message: undefined, error: undefined})),
      notes.ended({result: 'done', summary: 'well', seconds: 0}),
    ]
    expect((await Promise.allSettled(writes)).map(({status}) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
    expect(journal.lines).toEqual(['step restart gluetun: done', 'step restart gluetun: skipped', 'ended done: well'])
  })
})
