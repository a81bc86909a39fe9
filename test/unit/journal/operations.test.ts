import {describe, expect, it} from 'vitest'
import {operations} from '../../../src/lib/journal/operations.js'
import {selectOperations} from '../../../src/lib/journal/query.js'
import {at, began, ended, planned, step} from '../../support/unit/records.js'

const results = (...records: Parameters<typeof operations>[0][]): string[] =>
  operations(records.flatMap((some) => [...some])).map(({op, result}) => `${op} ${result}`)

describe('operations', () => {
  it('puts the lines of an operation together, its steps in the order of the plan', () => {
    const lines = [
      began('a'),
      planned('a', 'recreate sonarr', 'recreate radarr'),
      step('a', 'recreate radarr'),
      step('a', 'recreate sonarr', 'failed', 'no'),
      ended('a', {result: 'failed', summary: 'no'}),
    ]
    const why = {action: 'recreate', reason: 'why recreate', seconds: 1.5}
    expect(operations(lines)).toEqual([
      {
        op: 'a',
        stack: 'torrent',
        verb: 'cascade',
        by: 'watch',
        trigger: 'gluetun restarted at 02:13:00',
        startedAt: at(0),
        lastAt: at(42),
        endedAt: at(42),
        seconds: 42,
        result: 'failed',
        summary: 'no',
        steps: [
          {...why, target: 'sonarr', result: 'failed', message: 'no'},
          {...why, target: 'radarr', result: 'done'},
        ],
      },
    ])
  })

  it('tells operations of several stacks apart that were written at the same time', () => {
    const lines = [
      began('a'),
      began('b', {stack: 'plex'}),
      planned('b', 'stop plex'),
      planned('a', 'stop sonarr'),
      step('a', 'stop sonarr'),
      ended('b'),
    ]
    expect(
      operations(lines).map(({op, result, steps}) => [op, result, steps.map(({target, result: became}) => `${target} ${became}`)]),
    ).toEqual([
      ['a', 'unfinished', ['sonarr done']],
      ['b', 'done', ['plex undefined']],
    ])
  })

  it('knows one without an end as broken off by a newer one of its stack, and else as unfinished', () => {
    expect(results([began('a'), began('b', {stack: 'plex'}), began('c'), ended('c'), began('d')])).toEqual([
      'a broken-off',
      'b unfinished',
      'c done',
      'd unfinished',
    ])
  })

  it('has the steps of each look, and gives an outcome to the latest look that has the step', () => {
    const lines = [
      began('a'),
      planned('a', 'pull sonarr', 'recreate sonarr'),
      step('a', 'pull sonarr'),
      planned('a', 'recreate sonarr', 'wait sonarr'),
      step('a', 'recreate sonarr'),
      step('a', 'recreate sonarr', 'failed', 'another image'),
    ]
    expect(operations(lines)[0]?.steps.map(({action, result}) => `${action} ${result}`)).toEqual([
      'pull done',
      'recreate undefined',
      'recreate done',
      'wait undefined',
      'recreate failed',
    ])
  })

  it('leaves out what has lost its beginning', () => {
    expect(results([planned('a', 'stop sonarr'), step('a', 'stop sonarr'), ended('a'), began('b')])).toEqual(['b unfinished'])
  })
})

describe('selectOperations', () => {
  const all = operations([
    began('a'),
    planned('a', 'stop sonarr', 'stop radarr'),
    ended('a', {at: at(10)}),
    began('b', {stack: 'plex', at: at(20)}),
    planned('b', 'stop plex'),
    ended('b', {at: at(30)}),
  ])
  const names = (wanted: Parameters<typeof selectOperations>[1]): string[] =>
    selectOperations(all, wanted).map(({op, steps}) => `${op}: ${steps.map(({target}) => target).join(' ')}`)

  it.each([
    [{}, ['a: sonarr radarr', 'b: plex']],
    [{stack: 'plex'}, ['b: plex']],
    [{service: 'radarr'}, ['a: radarr']],
    [{service: 'radarr', stack: 'plex'}, []],
    [{since: new Date(at(10))}, ['a: sonarr radarr', 'b: plex']],
    [{since: new Date(at(11))}, ['b: plex']],
  ])('%j', (wanted, expected) => expect(names(wanted)).toEqual(expected))
})
