import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {recorder, recording} from '../../../src/lib/journal/recorder.js'
import {silent, type StepOutcome} from '../../../src/lib/model/plan.js'
import {Notebooks} from '../../support/unit/notebooks.js'

const outcome = (target: string): StepOutcome => ({
  step: {action: 'stop', target, reason: 'a test', needs: []},
  result: 'done',
  seconds: 0,
  message: undefined,
  error: undefined,
})

function recorded() {
  const books = new Notebooks()
  return {books, own: recording(silent, recorder(books.journal, {op: 'op', now: () => 0}))}
}

describe('recording', () => {
  it('writes the outcomes in their order', async () => {
    const {books, own} = recorded()
    for (const name of ['sonarr', 'radarr']) own.reporter.ended(outcome(name))
    await own.written()
    expect(books.records.map((record) => record.kind === 'step' && record.target)).toEqual(['sonarr', 'radarr'])
  })

  // Vitest fails the run for a rejection that nobody handles, as Node ends the process for one.
  it('tells of a journal that cannot be written when it is asked, and not before', async () => {
    const {books, own} = recorded()
    books.before = () => {
      throw new Error('no space left on device')
    }
    own.reporter.ended(outcome('sonarr'))
    await sleep(5)
    await expect(own.written()).rejects.toThrow('no space left on device')
  })
})
