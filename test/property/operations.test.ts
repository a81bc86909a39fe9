import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {JournalRecord} from '../../src/lib/journal/record.js'
import {operations} from '../../src/lib/journal/operations.js'
import {began, ended, planned, step} from '../support/unit/records.js'

const TARGETS = ['gluetun', 'sonarr', 'radarr']
const steps = fc.array(fc.constantFrom(...TARGETS.map((target) => `restart ${target}`)), {maxLength: 4})

/** The lines of one operation: it may look again, and it may be ended from outside anywhere after its beginning. */
function linesOf(op: string): fc.Arbitrary<JournalRecord[]> {
  return fc
    .record({stack: fc.constantFrom('torrent', 'plex'), looks: fc.array(steps, {minLength: 1, maxLength: 3}), cut: fc.nat({max: 20})})
    .map(({stack, looks, cut}) => {
      const lines = looks.flatMap((look) => [planned(op, ...look), ...look.map((text) => step(op, text))])
      return [began(op, {stack}), ...lines, ended(op)].slice(0, cut + 1)
    })
}

/** Several operations, mixed as they come, each in its own order. */
const journals: fc.Arbitrary<JournalRecord[]> = fc.tuple(linesOf('a'), linesOf('b'), linesOf('c')).chain((all) =>
  fc
    .shuffledSubarray(
      all.flatMap((lines, own) => lines.map(() => own)),
      {minLength: all.flat().length},
    )
    .map((order) => mix(all, order)),
)

function mix(all: readonly JournalRecord[][], order: readonly number[]): JournalRecord[] {
  const left = all.map((lines) => [...lines])
  return order.map((own) => left[own]!.shift()!)
}

describe('operations', () => {
  it('has each operation once, with every step that was planned and every outcome', () => {
    fc.assert(
      fc.property(journals, (records) => {
        const all = operations(records)
        expect(all.map(({op}) => op)).toEqual(records.flatMap(({kind, op}) => (kind === 'began' ? [op] : [])))
        for (const {op, steps: found, result} of all) {
          const own = records.filter((record) => record.op === op)
          const outcomes = own.filter(({kind}) => kind === 'step')
          expect(found).toHaveLength(own.flatMap((record) => (record.kind === 'planned' ? record.steps : [])).length)
          expect(found.filter((one) => one.result !== undefined)).toHaveLength(outcomes.length)
          expect(result === 'done').toBe(own.some(({kind}) => kind === 'ended'))
        }
      }),
    )
  })

  it('reads an operation the same, whatever else was written between its lines', () => {
    fc.assert(
      fc.property(journals, (records) => {
        for (const operation of operations(records)) {
          const [alone] = operations(records.filter(({op}) => op === operation.op))
          expect({...operation, result: ''}).toEqual({...alone, result: ''})
        }
      }),
    )
  })

  it('has at most one that is unfinished a stack, its newest', () => {
    fc.assert(
      fc.property(journals, (records) => {
        const all = operations(records)
        for (const {op, stack, result} of all) {
          if (result === 'unfinished') expect(all.findLast((other) => other.stack === stack)?.op).toBe(op)
        }
      }),
    )
  })
})
