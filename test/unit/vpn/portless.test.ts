import {describe, expect, it} from 'vitest'
import {decidePortless, NOT_PORTLESS, type PortsSeen} from '../../../src/lib/vpn/portless.js'

/** What is told at each of these looks, half a minute apart. */
function story(...seen: PortsSeen[]): string[] {
  let memory = NOT_PORTLESS
  return seen.map((one, index) => {
    const done = decidePortless(one, memory, index * 30_000)
    memory = done.memory
    return done.change === undefined ? '' : `${done.change.is} ${done.change.lasted / 1000}`
  })
}

describe('a forwarded port', () => {
  it('that is lost is told after two minutes, once, and when it is back', () => {
    expect(story('some', 'none', 'none', 'none', 'none', 'none', 'none', 'some', 'some')).toEqual([
      '',
      '',
      '',
      '',
      '',
      'lost 120',
      '',
      'back 180',
      '',
    ])
  })

  it('that a new tunnel does not have yet is nothing', () => {
    expect(story('none', 'none', 'none', 'some', 'none', 'none', 'some').join('')).toBe('')
  })

  it('is not judged while Gluetun cannot be asked, nor while the tunnel is down on purpose', () => {
    expect(story('none', 'unknown', 'unknown', 'unknown', 'none')).toEqual(['', '', '', '', 'lost 120'])
    expect(story('none', 'none', 'off', 'none', 'none', 'none', 'none', 'none')).toEqual(['', '', '', '', '', '', '', 'lost 120'])
    expect(story('off', 'off', 'off', 'off', 'off', 'off').join('')).toBe('')
  })
})
