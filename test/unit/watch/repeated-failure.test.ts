import {describe, expect, it} from 'vitest'
import {OperatorError} from '../../../src/lib/util/errors.js'
import {trouble} from '../../../src/lib/watch/repeated-failure.js'
import {listeningLog} from '../../support/unit/log.js'
import {Notebooks} from '../../support/unit/notebooks.js'

const AWAY = new OperatorError('Docker does not answer.', {next: ['sudo systemctl start docker', 'or wait']})

function troubled(patience = 60_000) {
  const books = new Notebooks()
  const {log, lines} = listeningLog()
  const clock = {now: 0}
  const snag = trouble({name: 'cascade torrent', log, notifier: books.notifier, patience, now: () => clock.now})
  return {books, lines, clock, snag}
}

describe('trouble that lasts', () => {
  it('is one line in the log, with what to do', async () => {
    const {lines, snag} = troubled()
    for (let turn = 0; turn < 5; turn++) await snag.happened(AWAY)
    expect(lines).toEqual(['warn: cascade torrent: Docker does not answer. (sudo systemctl start docker)'])
  })

  it('is another line when it becomes another one', async () => {
    const {lines, snag} = troubled()
    for (const error of [AWAY, AWAY, new Error('disk full'), new Error('disk full'), AWAY, AWAY]) await snag.happened(error)
    expect(lines).toHaveLength(2)
  })

  it('is no line for what came only once before it, or was over at once', async () => {
    const {lines, snag} = troubled()
    await snag.happened(new Error('read ECONNRESET'))
    snag.over()
    expect(lines).toEqual([])
    for (const error of [new Error('read ECONNRESET'), AWAY, AWAY]) await snag.happened(error)
    expect(lines).toEqual(['warn: cascade torrent: Docker does not answer. (sudo systemctl start docker)'])
  })

  it('is a line also if each failure says something else', async () => {
    const {lines, snag} = troubled()
    for (let turn = 0; turn < 12; turn++) await snag.happened(new Error(`failure ${turn}`))
    expect(lines).toHaveLength(1)
  })

  it('is one alert, when patience ends', async () => {
    const {books, clock, snag} = troubled()
    for (clock.now = 0; clock.now < 60_000; clock.now += 10_000) await snag.happened(AWAY)
    expect(books.posts).toEqual([])
    for (; clock.now < 600_000; clock.now += 10_000) await snag.happened(AWAY)
    expect(books.posts.map(({title, priority}) => [title, priority])).toEqual([['homelab cannot watch over the VPN', 5]])
    expect(books.posts[0]?.message).toContain('Since 1970-01-01T00:00:00.000Z')
  })

  it('waits longer each time, not past the moment of the alert, and never long', async () => {
    const {clock, snag} = troubled(3_000)
    const waits: number[] = []
    for (let turn = 0; turn < 10; turn++) {
      const wait = await snag.happened(AWAY)
      waits.push(wait)
      clock.now += wait
    }
    expect(waits).toEqual([500, 1_000, 1_500, 4_000, 8_000, 10_000, 10_000, 10_000, 10_000, 10_000])
  })

  it('says that it is over, and then begins anew', async () => {
    const {books, lines, clock, snag} = troubled()
    snag.over()
    await snag.happened(AWAY)
    clock.now = 90_000
    await snag.happened(AWAY)
    snag.over()
    snag.over()
    expect(lines.slice(1)).toEqual(['info: cascade torrent: over after 90 s'])
    expect(await snag.happened(AWAY)).toBe(500)
    clock.now = 200_000
    await snag.happened(AWAY)
    expect([lines.length, books.posts.length]).toEqual([3, 2])
  })

  it('is none while somebody else works on the stack', async () => {
    const {lines, snag} = troubled()
    expect(await snag.happened(new OperatorError('The stack is busy.', {exitCode: 75}))).toBe(500)
    expect(lines).toEqual([])
  })

  it('is one alert when somebody else works on the stack for half an hour, and another one after the next half hour', async () => {
    const {books, clock, snag} = troubled()
    const busy = new OperatorError('The stack is busy: homelab stack torrent update (pid 7).', {exitCode: 75})
    const until = async (end: number): Promise<number> => {
      for (; clock.now < end; clock.now += 60_000) await snag.happened(busy)
      return books.posts.length
    }
    expect([await until(1_800_000), await until(5_000_000)]).toEqual([0, 1])
    expect(books.posts[0]?.message).toContain('The stack is busy: homelab stack torrent update (pid 7).')
    snag.over()
    expect([await until(6_000_000), await until(9_000_000)]).toEqual([1, 2])
  })
})
