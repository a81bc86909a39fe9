import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {JournalRecord} from '../../src/lib/journal/record.js'
import {histories, told, type GatewayDeed, type History, type Moment} from './faults.js'
import {Homelab, RULES} from './homelab.js'

const HOUR = 3_600_000

/** Lives a history and checks it. A counterexample is printed as a list of moments. */
async function holds(history: History): Promise<void> {
  const homelab = new Homelab(history)
  try {
    await homelab.live()
    check(homelab, history)
    await atRest(homelab)
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${told(history)}\n${diary(homelab)}`, {cause: error})
  } finally {
    homelab.end()
  }
}

const diary = ({books}: Homelab): string => books.records.map((record) => JSON.stringify(record)).join('\n')

function check({docker, witness, books, interruptions}: Homelab, history: History): void {
  expect(witness.violations).toEqual([])
  for (let index = 0; index < history.dependents; index++) {
    const name = `app${index}`
    const wanted = witness.wanted(name)
    if (wanted === true) expect(docker.connected(name), `${name} is back`).toBe(true)
    if (wanted === false) expect(docker.containers.get(name)?.state ?? 'gone', `${name} stays stopped`).not.toBe('running')
  }
  expect(books.present.episode, 'the repair came to its end').toBeUndefined()
  oneOperation(books.records, interruptions)
  limited(
    books.records,
    books.writes.flatMap(({cascades}) => cascades),
  )
  const pauses = new Set(books.writes.flatMap(({pausedUntil}) => pausedUntil ?? []))
  const alerts = books.posts.filter(({title}) => title.startsWith('RESTART LOOP')).length
  expect(alerts, 'alerts of a loop').toBeGreaterThanOrEqual(pauses.size)
  expect(alerts, 'alerts of a loop').toBeLessThanOrEqual(pauses.size + interruptions)
}

/** Whoever is interrupted between the last word of an operation and the note of it says that word again. */
function oneOperation(records: readonly JournalRecord[], interruptions: number): void {
  const ops = [...new Set(records.map(({op}) => op))]
  let again = 0
  for (const op of ops) {
    const kinds = records.filter((record) => record.op === op).map(({kind}) => kind)
    expect(
      kinds.filter((kind) => kind === 'began'),
      op,
    ).toHaveLength(1)
    expect(kinds[0]).toBe('began')
    again += Math.max(0, kinds.filter((kind) => kind === 'ended').length - 1)
  }
  expect(again, 'operations that ended twice').toBeLessThanOrEqual(interruptions)
}

/** Never more within any hour; an operation that did nothing was interrupted before it was counted. */
function limited(records: readonly JournalRecord[], counted: readonly number[]): void {
  const did = new Set(records.flatMap(({kind, op}) => (kind === 'step' ? [op] : [])))
  const began = records.flatMap((record) => (record.kind === 'began' && did.has(record.op) ? [Date.parse(record.at)] : []))
  for (const times of [began, [...new Set(counted)].toSorted((a, b) => a - b)])
    for (const start of times) expect(times.filter((at) => at >= start && at < start + HOUR).length).toBeLessThanOrEqual(RULES.perHour)
}

/** Nothing is done and nothing is written where nothing is wrong. */
async function atRest({time, books, witness}: Homelab): Promise<void> {
  const before = [books.records.length, books.writes.length, books.posts.length, witness.deeds()]
  await time.pass(300_000)
  expect([books.records.length, books.writes.length, books.posts.length, witness.deeds()]).toEqual(before)
}

const PLAIN: History = {
  gateways: 1,
  dependents: 2,
  stopped: [],
  manners: {stopMs: 0, replaceMs: 0, warmUpMs: 5_000, checks: true, proves: false},
  moments: [],
}

const gateway = (after: number, deed: GatewayDeed): Moment => ({after, fault: {is: 'gateway', deed, gateway: 0}})

/** What was found once, and is not to come back. */
const KNOWN: Readonly<Record<string, Partial<History>>> = {
  'a gateway that is paused while its dependents prove themselves': {moments: [gateway(0, 'restart'), gateway(8_000, 'pause')]},
  'a journal that cannot be written in the middle of a cascade': {
    dependents: 4,
    manners: {...PLAIN.manners, stopMs: 3_000},
    moments: Array.from({length: 12}, (_, calls): Moment[] => [
      {after: 60_000, fault: {is: 'error', calls}},
      ...(calls % 3 === 0 ? [gateway(3_000_000, 'restart')] : []),
    ]).flat(),
  },
}

describe('the watcher, after', () => {
  it.each(Object.entries(KNOWN))('%s, has everybody back', async (_, words) => holds({...PLAIN, ...words}))

  it('a clock that was set back, does not bring back for ever without a rest', async () => {
    const homelab = new Homelab({
      ...PLAIN,
      dependents: 1,
      manners: {...PLAIN.manners, aheadMs: 1_000_000},
      moments: [gateway(0, 'restart')],
    })
    try {
      await homelab.live()
      const steps = homelab.books.records.flatMap((record) => (record.kind === 'step' ? [`${record.action} ${record.result}`] : []))
      // At once, then after 10, 20 and twice 900 s; by then the clock has caught up.
      expect(steps).toEqual(['stop done', 'start done', ...Array<string>(5).fill('restart done'), 'wait done'])
      expect(homelab.witness.violations.filter((rule) => !rule.includes('which was well'))).toEqual([])
      expect(homelab.books.posts.map(({title}) => title.replace(/[\d.]+ s/, 'X s'))).toEqual([
        'Cascade restart FAILED: manual intervention required',
        'Cascade restart successful in X s',
      ])
    } finally {
      homelab.end()
    }
  })
})

describe('the watcher, after any finite history of faults', () => {
  it('has everybody back behind a healthy gateway, and broke no rule on the way', {timeout: 60_000}, async () => {
    await fc.assert(fc.asyncProperty(histories, holds), {numRuns: 300})
  })
})
