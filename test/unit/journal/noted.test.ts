import {describe, expect, it} from 'vitest'
import {failed, noted, type Deed} from '../../../src/lib/journal/recorder.js'
import {operations} from '../../../src/lib/journal/operations.js'
import {MemoryJournal} from '../../support/unit/memory-journal.js'

const deed: Deed = {
  stack: 'torrent',
  verb: 'port',
  by: 'watch',
  trigger: 'port 51500 is forwarded',
  action: 'set-port',
  target: 'qbittorrent',
}

function aBook(signal = new AbortController().signal) {
  const journal = new MemoryJournal()
  const warnings: string[] = []
  return {
    book: {journal, newOperation: () => 'x', now: Date.now, warn: (text: string) => void warnings.push(text), signal},
    journal,
    warnings,
  }
}

describe('what is done to a tunnel or a port', () => {
  it('is an operation of one step', async () => {
    const {book, journal} = aBook()
    expect(
      await noted(
        deed,
        book,
        () => Promise.resolve(7),
        () => ({result: 'done', summary: 'well'}),
      ),
    ).toBe(7)
    expect(journal.lines).toEqual(['began torrent port: port 51500 is forwarded', 'step set-port qbittorrent: done', 'ended done: well'])
  })

  it('that failed is one, too, and cancelled if somebody wanted that', async () => {
    for (const [aborted, ending] of [
      [false, 'ended failed: no'],
      [true, 'ended cancelled: no'],
    ] as const) {
      const {book, journal} = aBook(aborted ? AbortSignal.abort() : undefined)
      const work = noted(
        deed,
        book,
        () => Promise.reject(new Error('no')),
        (came) => ('error' in came ? failed(came.error) : undefined),
      )
      await expect(work).rejects.toThrow('no')
      expect(journal.lines.at(-1)).toBe(ending)
    }
  })

  it('is no operation where it is not worth a word', async () => {
    const {book, journal} = aBook()
    await noted(
      deed,
      book,
      () => Promise.resolve(),
      () => undefined,
    )
    expect(journal.lines).toEqual([])
  })

  it('is done all the same, and told, where it cannot be written down', async () => {
    const {book, journal, warnings} = aBook()
    journal.refuse = () => {
      throw new Error('There is no room.')
    }
    expect(
      await noted(
        deed,
        book,
        () => Promise.resolve(7),
        () => ({result: 'done', summary: 'well'}),
      ),
    ).toBe(7)
    expect(warnings).toEqual(['There is no room. homelab history will not show this.'])
  })

  it('does not make another operation on its stack one that was broken off', async () => {
    const {book, journal} = aBook()
    await journal.append({
      kind: 'began',
      op: 'a',
      at: new Date().toISOString(),
      stack: 'torrent',
      verb: 'cascade',
      by: 'watch',
      trigger: '',
    })
    await noted(
      deed,
      book,
      () => Promise.resolve(),
      () => ({result: 'done', summary: 'well'}),
    )
    expect(operations(journal.records).map(({verb, result}) => `${verb} ${result}`)).toEqual(['cascade unfinished', 'port done'])
  })
})
