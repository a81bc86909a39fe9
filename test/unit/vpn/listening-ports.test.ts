import {describe, expect, it} from 'vitest'
import {createServer, type AddressInfo} from 'node:net'
import {hasListener, listener} from '../../../src/lib/vpn/listening-ports.js'

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
    expect(hasListener(table(text).split('\n'), 51413)).toBe(heard)
  })

  it('is found among others, and before connections', () => {
    const lines = table(line('00000000:1F90', '0A'), line('00000000:C8D5', '0A'), line('00000000:C8D6', '01')).split('\n')
    expect([hasListener(lines, 51413), hasListener(lines, 8080), hasListener(lines, 51414)]).toEqual([true, true, false])
  })

  it('is nobody in an empty table', () => {
    expect(hasListener([''], 51413)).toBe(false)
  })
})

describe('a listener of this very process', () => {
  const listening = async () => {
    const server = createServer().listen(0, '0.0.0.0')
    await new Promise((resolve) => server.once('listening', resolve))
    return {port: (server.address() as AddressInfo).port, close: () => new Promise((resolve) => server.close(resolve))}
  }

  it('is heard until it is gone', async () => {
    const {port, close} = await listening()
    const listens = listener(process.pid)
    expect([listens(port), listens(port)]).toEqual([true, true])
    await close()
    expect(listens(port)).toBe(false)
  })

  it('is not heard in a process that is gone', () => {
    expect(listener(2 ** 30)(1)).toBeUndefined()
  })
})
