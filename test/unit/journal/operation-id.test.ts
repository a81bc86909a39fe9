import {describe, expect, it} from 'vitest'
import {operationId} from '../../../src/lib/journal/journal.js'

describe('operationId', () => {
  const now = new Date('2026-11-23T02:13:05.987Z')
  it.each([
    [0, '20261123-021305-000000'],
    [0.5, '20261123-021305-800000'],
    [1 - Number.EPSILON, '20261123-021305-ffffff'],
  ])('with chance %d is %s', (chance, id) => expect(operationId(now, () => chance)).toBe(id))

  it('sorts by the time', () => {
    const ids = [0, 1_000, 60_000, 86_400_000, 40_000_000_000].map((later) => operationId(new Date(now.getTime() + later), Math.random))
    expect(ids.toSorted()).toEqual(ids)
  })
})
