import {describe, expect, it} from 'vitest'
import {operations} from '../../../src/lib/journal/operations.js'
import {historyJson, historyText} from '../../../src/lib/ui/history.js'
import {localTime} from '../../../src/lib/ui/table.js'
import {palette} from '../../../src/lib/ui/palette.js'
import {at, began, ended, planned, step} from '../../support/unit/records.js'

const winter = (): number => 60
const plain = palette({colour: false})
const text = (...records: Parameters<typeof operations>[0][]): string[] =>
  operations(records.flatMap((some) => [...some])).flatMap((operation) => historyText(operation, plain, winter))

describe('historyText', () => {
  const dependents = ['qbittorrent', 'sonarr', 'radarr', 'prowlarr', 'bazarr']

  it('says when, what, who asked, why and how it ended; steps that are alike are one line', () => {
    const starts = dependents.map((name) => `start ${name}`)
    const lines = [
      began('a'),
      planned('a', 'wait gluetun', ...starts),
      step('a', 'wait gluetun', 'done', 'healthy'),
      ...starts.map((each) => step('a', each)),
    ]
    expect(text([...lines, ended('a', {summary: '6 steps done'})])).toEqual([
      '✓ 2026-11-23 03:13:00 +01:00  torrent cascade  watch: gluetun restarted at 02:13:00  6 steps done (42 s)',
      '    ✓  wait for  gluetun                                 why wait: healthy (1.5 s)',
      '    ✓  start     qbittorrent, sonarr, radarr and 2 more  why start (up to 1.5 s)',
    ])
  })

  it('shows what failed, what was left out for it and what has no outcome', () => {
    const lines = [
      began('a', {verb: 'update', by: 'command', trigger: 'homelab stack torrent update'}),
      planned('a', 'wait gluetun', 'start sonarr', 'start radarr', 'snapshot bazarr'),
      step('a', 'wait gluetun', 'failed', 'gluetun is not healthy after 60 s.'),
      step('a', 'start sonarr', 'skipped', 'not done, as gluetun failed'),
      ended('a', {result: 'failed', summary: '0 steps done, 2 not'}),
    ]
    expect(text(lines)).toEqual([
      '✗ 2026-11-23 03:13:00 +01:00  torrent update  command: homelab stack torrent update  0 steps done, 2 not (42 s)',
      '    ✗  wait for  gluetun  why wait: gluetun is not healthy after 60 s. (1.5 s)',
      '    -  start     sonarr   why start: not done, as gluetun failed (1.5 s)',
      '    -  start     radarr   why start: not done',
      '    -  snapshot  bazarr   why snapshot: not done',
    ])
  })

  it.each([
    ['done', '✓'],
    ['unhealthy', '⚠'],
    ['rolled-back', '⚠'],
    ['cancelled', '■'],
    ['failed', '✗'],
  ] as const)('marks %s with %s', (result, mark) => expect(text([began('a'), ended('a', {result})])[0]?.slice(0, 2)).toBe(`${mark} `))

  it('says of one without an end whether it can still be at work', () => {
    expect(text([began('a'), planned('a', 'stop sonarr'), began('b'), planned('b', 'stop sonarr')])).toEqual([
      '✗ 2026-11-23 03:13:00 +01:00  torrent cascade  watch: gluetun restarted at 02:13:00  broken off: it was ended from outside',
      '    -  stop  sonarr  why stop: not known to be done',
      '… 2026-11-23 03:13:00 +01:00  torrent cascade  watch: gluetun restarted at 02:13:00  not finished: it is still at work, or was ended from outside',
      '    -  stop  sonarr  why stop: not done yet',
    ])
  })
})

describe('localTime', () => {
  it.each([
    [0, '2026-11-23 02:13:00 +00:00'],
    [-210, '2026-11-22 22:43:00 -03:30'],
    [345, '2026-11-23 07:58:00 +05:45'],
  ])('%d minutes ahead of UTC', (ahead, shown) => expect(localTime(new Date(at(0)), () => ahead)).toBe(shown))
})

describe('historyJson', () => {
  it('has the operations, and how many were left out', () => {
    expect(historyJson(operations([began('a'), planned('a', 'stop sonarr')]), 3)).toEqual({
      earlier: 3,
      operations: [
        {
          op: 'a',
          stack: 'torrent',
          verb: 'cascade',
          by: 'watch',
          trigger: 'gluetun restarted at 02:13:00',
          startedAt: '2026-11-23T02:13:00.000Z',
          result: 'unfinished',
          steps: [{action: 'stop', target: 'sonarr', reason: 'why stop'}],
        },
      ],
    })
  })
})
