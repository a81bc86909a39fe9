import {describe, expect, it} from 'vitest'
import {hasListener} from '../../../src/lib/vpn/listening.js'

const line = (local: string, state: string): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 1 1`
const table = (...lines: string[]): string => ['  sl  local_address rem_address   st tx_queue', ...lines].join('\n')

// Port 51413 is C8D5.
describe('who listens in a namespace', () => {
  it.each([
    ['every address', line('00000000:C8D5', '0A'), true],
    ['an address of its own', line('0200120A:C8D5', '0A'), true],
    ['every IPv6 address', line('00000000000000000000000000000000:C8D5', '0A'), true],
    ['loopback alone', line('0100007F:C8D5', '0A'), false],
    ['IPv6 loopback alone', line('00000000000000000000000001000000:C8D5', '0A'), false],
    ['another port', line('00000000:1F90', '0A'), false],
    ['nowhere: it is a connection', line('0200120A:C8D5', '01'), false],
  ])('on %s', (_, text, heard) => {
    expect(hasListener(table(text), 51413)).toBe(heard)
  })

  it('is nobody in an empty table', () => {
    expect(hasListener('', 51413)).toBe(false)
  })
})
