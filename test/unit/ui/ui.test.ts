import {describe, expect, it} from 'vitest'
import type {StepOutcome, Plan, Step} from '../../../src/lib/model/plan.js'
import {OperatorError} from '../../../src/lib/util/errors.js'
import {count, age} from '../../../src/lib/util/text.js'
import {errorJson, errorText} from '../../../src/lib/ui/error.js'
import {mirror} from '../../../src/lib/ui/task-list.js'
import {palette} from '../../../src/lib/ui/palette.js'
import {plainReporter} from '../../../src/lib/ui/progress.js'
import {planText, stageTitle} from '../../../src/lib/ui/plan.js'
import {reportJson, resultText, showReports} from '../../../src/lib/ui/result.js'
import {statusText} from '../../../src/lib/ui/status.js'
import {columns, fit, seconds} from '../../../src/lib/ui/table.js'
import {aContainer, STARTED} from '../../support/unit/observed.js'
import type {StackResult} from '../../../src/lib/stack/result.js'

const plain = palette({colour: false})
const step = (action: Step['action'], target: string, more: Partial<Step> = {}): Step => ({
  action,
  target,
  reason: `why ${target}`,
  needs: [],
  ...more,
})
const stop = step('stop', 'sonarr')
const wait = step('wait', 'gluetun', {limit: 60})
const plan: Plan = {
  stack: 'torrent',
  verb: 'restart',
  stages: [[stop, step('stop', 'qbittorrent')], [wait]],
  untouched: [
    {service: 'a', reason: 'it runs'},
    {service: 'b', reason: 'it is stopped'},
    {service: 'c', reason: 'it runs'},
  ],
  notes: ['gluetun takes along sonarr'],
  lookAgain: false,
}
const outcome = (of: Step, words: Partial<StepOutcome> = {}): StepOutcome => ({
  step: of,
  result: 'done',
  seconds: 0,
  message: undefined,
  error: undefined,
  ...words,
})
const result = (words: Partial<StackResult> = {}): StackResult => ({
  stack: 'torrent',
  verb: 'restart',
  dryRun: false,
  plans: [{...plan, untouched: []}],
  outcomes: [outcome(stop)],
  changes: [],
  updates: [],
  ...words,
})

describe('texts', () => {
  it.each([
    [0.04, '0.0 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [119.4, '119 s'],
    [119.6, '2 min 0 s'],
    [179.9, '3 min 0 s'],
    [3725, '62 min 5 s'],
  ])('%d seconds are %s', (value, text) => expect(seconds(value)).toBe(text))

  it.each([
    [0, '0 seconds'],
    [1_500, '1 second'],
    [60_000, '1 minute'],
    [7_199_999, '1 hour'],
    [172_800_000, '2 days'],
  ])('%d ms are %s', (value, text) => expect(age(value)).toBe(text))

  it('counts', () => expect([count(0, 'step'), count(1, 'step'), count(2, 'step')]).toEqual(['0 steps', '1 step', '2 steps']))

  it('aligns columns by what is seen, colours not counted, and pads no end', () => {
    const red = palette({colour: true}).red('ab')
    expect(
      columns([
        ['a', 'b'],
        [red, 'd'],
        ['é✓', ''],
      ]),
    ).toEqual(['a   b', `${red}  d`, 'é✓'])
    expect(columns([])).toEqual([])
  })

  it('cuts a line to the room there is, and leaves no colour open', () => {
    const line = palette({colour: true}).red('abcdef')
    expect(fit('abcdef', 6)).toBe('abcdef')
    expect(fit('abcdef', 4)).toBe('abc…')
    expect(fit(line, 4)).toBe(`${line.replace('def', '')}…`)
  })

  it('names a stage by its one step, or by how many do what', () => {
    expect(stageTitle([stop])).toBe('stop sonarr')
    expect(stageTitle([stop, stop, wait])).toBe('stop 2 services, wait for 1 service')
  })
})

describe('planText', () => {
  it('is a table of stages, with the notes before and who is left alone after', () => {
    expect(planText(plan, plain)).toEqual([
      'torrent restart: what would be done',
      '! gluetun takes along sonarr',
      ' 1  stop      sonarr       why sonarr',
      '    stop      qbittorrent  why qbittorrent',
      ' 2  wait for  gluetun      why gluetun (at most 60 s)',
      '  left alone: a, c (it runs)',
      '  left alone: b (it is stopped)',
    ])
  })

  it('says that nothing would be done, and that it would look again', () => {
    expect(planText({...plan, stages: [], notes: [], untouched: [], lookAgain: true}, plain)).toEqual([
      'torrent restart: what would be done',
      '  nothing',
      '    then look again: what the pull brought decides what is recreated',
    ])
  })
})

describe('resultText', () => {
  const failure = outcome(wait, {
    result: 'failed',
    message: 'not healthy',
    error: new OperatorError('not healthy', {next: ['Read its log']}),
  })
  const skipped = outcome(stop, {result: 'skipped', message: 'not done, as gluetun failed'})

  it('counts what was done', () => expect(resultText(result(), plain)).toEqual(['✓ torrent restart: 1 step done']))

  it('says when there was nothing to do', () =>
    expect(resultText(result({outcomes: []}), plain)).toEqual(['✓ torrent restart: nothing to do']))

  it('names what failed with its next step, and what was left out for it', () => {
    expect(resultText(result({outcomes: [outcome(stop), failure, skipped]}), plain)).toEqual([
      '✗ torrent restart: failed; 1 step done, 2 not',
      '  ✗ wait for gluetun: not healthy',
      '      Read its log',
      '  - stop sonarr: not done, as gluetun failed',
    ])
  })

  it('says cancelled when it was', () => {
    const outcomes = [outcome(stop), outcome(wait, {result: 'cancelled', message: 'cancelled'})]
    expect(resultText(result({outcomes}), plain)[0]).toBe('■ torrent restart: cancelled; 1 step done, 1 not')
  })

  it('shows old → new of an update', () => {
    const change = {
      service: 'sonarr',
      image: 'sonarr:latest',
      from: 'sha256:111111111111aaaa',
      to: 'sha256:222222222222bbbb',
      fromVersion: '4.0',
      toVersion: '4.1',
    }
    expect(resultText(result({verb: 'update', changes: [change]}), plain)).toEqual([
      '✓ torrent update: 1 service on a new image, 1 step done',
      '  sonarr  4.0 → 4.1  111111111111 → 222222222222  (sonarr:latest)',
    ])
    expect(resultText(result({verb: 'update'}), plain)[0]).toBe('✓ torrent update: no image changed, 1 step done')
  })

  it('shows an error instead, under the stack’s name if there are several', () => {
    const lines: string[] = []
    const reports = [
      {stack: 'plex', error: new OperatorError('bad file', {next: ['Mend it']})},
      {stack: 'torrent', result: result()},
    ]
    showReports(reports, false, false, {interactive: false, colour: false, width: Infinity, write: (line) => lines.push(line)})
    expect(lines).toEqual(['plex: ✗ bad file', '  Mend it', '✓ torrent restart: 1 step done'])
  })
})

describe('errorText', () => {
  const error = new OperatorError('It failed.', {next: ['Do this'], detail: 'docker said\nso', exitCode: 78})
  it('shows the other program’s words under --verbose only', () => {
    expect(errorText(error, false, plain)).toEqual(['✗ It failed.', '  Do this'])
    expect(errorText(error, true, plain)).toEqual(['✗ It failed.', '  Do this', '', '  docker said', '  so'])
  })

  it('never puts them into JSON', () => {
    expect(errorJson(error)).toEqual({error: {message: 'It failed.', next: ['Do this'], exitCode: 78}})
    expect(errorJson(new TypeError('a bug'))).toEqual({error: {message: 'a bug', next: [], exitCode: 1}})
  })
})

describe('plainReporter', () => {
  it('writes one dated line an event', () => {
    const lines: string[] = []
    const reporter = plainReporter(
      'torrent',
      (line) => lines.push(line),
      () => new Date('2026-11-22T20:00:00Z'),
    )
    reporter.planned(plan)
    reporter.began(stop)
    reporter.began(wait)
    reporter.progress(stop, {layers: 1, layersDone: 0, bytes: 0, bytesTotal: 0})
    reporter.ended(outcome(stop))
    reporter.ended(outcome(wait, {result: 'failed', seconds: 12.3, message: 'not healthy'}))
    reporter.closed(undefined)
    expect(lines).toEqual([
      '2026-11-22T20:00:00.000Z torrent: gluetun takes along sonarr',
      '2026-11-22T20:00:00.000Z torrent: wait for gluetun …',
      '2026-11-22T20:00:00.000Z torrent: stop sonarr: done',
      '2026-11-22T20:00:00.000Z torrent: wait for gluetun: failed (12 s; not healthy)',
    ])
  })
})

describe('reportJson', () => {
  it('has each step with its stage and what became of it', () => {
    const [stack] = reportJson([
      {stack: 'torrent', result: result({outcomes: [outcome(stop, {seconds: 1}), outcome(wait, {result: 'failed', message: 'no'})]})},
    ]).stacks
    expect(stack?.steps).toEqual([
      {stage: 1, action: 'stop', target: 'sonarr', reason: 'why sonarr', result: 'done', seconds: 1},
      {stage: 1, action: 'stop', target: 'qbittorrent', reason: 'why qbittorrent'},
      {stage: 2, action: 'wait', target: 'gluetun', reason: 'why gluetun', limit: 60, result: 'failed', seconds: 0, message: 'no'},
    ])
  })

  it('has an error without its detail', () => {
    expect(reportJson([{stack: 'plex', error: new OperatorError('bad', {detail: 'secret', exitCode: 78})}])).toEqual({
      stacks: [{stack: 'plex', error: {message: 'bad', next: [], exitCode: 78}}],
    })
  })
})

describe('statusText', () => {
  it('is one line a service', () => {
    const sonarr = aContainer('sonarr', {ports: ['8989->8989'], imageId: 'sha256:0123456789abcdef'})
    const status = {
      stack: 'torrent',
      project: 'torrent',
      services: [
        {service: 'sonarr', verdict: 'good' as const, says: 'healthy', container: sonarr},
        {service: 'radarr', verdict: 'bad' as const, says: 'not created', container: undefined},
      ],
    }
    expect(statusText(status, STARTED + 120_000, plain, Infinity)).toEqual([
      'torrent (project torrent)',
      '  ✓  sonarr  healthy      up 2 minutes  example.org/sonarr:1  8989->8989',
      '  ✗  radarr  not created',
    ])
  })
})

describe('mirror', () => {
  it('turns what the reporter is told into promises, asked before or after', async () => {
    const own = mirror()
    const seen: number[] = []
    const before = own.outcome(stop, {progress: ({bytes}) => seen.push(bytes)})
    own.reporter.planned(plan)
    own.reporter.progress(stop, {layers: 1, layersDone: 0, bytes: 7, bytesTotal: 9})
    own.reporter.ended(outcome(stop))
    own.reporter.ended(outcome(wait))
    own.reporter.closed(undefined)
    expect(await own.plan(0)).toBe(plan)
    expect(await own.plan(1)).toBeUndefined()
    expect((await before).step).toBe(stop)
    expect((await own.outcome(wait, {progress: () => undefined})).step).toBe(wait)
    expect(seen).toEqual([7])
  })

  it('rejects the plan that never came', async () => {
    const own = mirror()
    own.reporter.closed(new OperatorError('bad file'))
    await expect(own.plan(0)).rejects.toThrow('bad file')
    expect(await own.plan(1)).toBeUndefined()
  })
})
