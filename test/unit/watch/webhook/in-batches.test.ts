import {describe, expect, it} from 'vitest'
import {inBatches} from '../../../../src/lib/watch/webhook/accept.js'

describe('calls in batches', () => {
  it('does what comes while one is under way as the next one, and gives each its own answers', async () => {
    const seen: number[][] = []
    const doubled = inBatches(async (items: readonly number[]) => {
      seen.push([...items])
      await Promise.resolve()
      return items.map((item) => item * 2)
    })
    expect(await Promise.all([doubled([1]), doubled([2, 3]), doubled([]), doubled([4])])).toEqual([[2], [4, 6], [], [8]])
    expect(seen).toEqual([[1], [2, 3, 4]])
    expect(await doubled([5])).toEqual([10])
  })

  it('fails all of a batch, and goes on', async () => {
    const picky = inBatches(async (items: readonly number[]) => {
      await Promise.resolve()
      if (items.includes(2)) throw new Error('no')
      return items
    })
    const results = await Promise.allSettled([picky([1]), picky([2]), picky([3])])
    expect(results.map(({status}) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(await picky([4])).toEqual([4])
  })
})
