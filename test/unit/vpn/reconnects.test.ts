import {describe, expect, it} from 'vitest'
import {decideReconnect, NO_RECONNECT, reconnected, recovered, type ReconnectView} from '../../../src/lib/vpn/reconnects.js'

const VIEW: ReconnectView = {healthy: true, state: 'running', exit: '203.0.113.7', firewallOff: undefined}
const decided = (view: Partial<ReconnectView>, memory = NO_RECONNECT) => decideReconnect({...VIEW, ...view}, memory, 1_000)

describe('a reconnect', () => {
  it('is done where Gluetun believes that all is well', () => {
    expect(decided({})).toEqual({is: 'reconnect'})
    expect(decided({exit: undefined})).toEqual({is: 'reconnect'})
  })

  it.each([
    [{healthy: false}, 'wait', 'Gluetun reconnects by itself'],
    [{exit: ''}, 'wait', 'Gluetun reconnects by itself'],
    [{state: 'starting'}, 'wait', 'the tunnel is starting'],
    [{state: 'stopped'}, 'wait', 'the tunnel is stopped'],
    [{state: undefined}, 'refuse', 'Gluetun cannot be asked for it'],
    [{firewallOff: 'FIREWALL is off'}, 'refuse', 'FIREWALL is off: meanwhile everything would leave beside the tunnel'],
  ] as const)('with %j: %s, as %s', (view, is, because) => {
    expect(decided(view)).toEqual({is, because})
  })

  it('is not put off by a clock that was set back a day', () => {
    const memory = reconnected(NO_RECONNECT, 86_400_000)
    expect(decided({}, memory)).toEqual({is: 'reconnect'})
    expect(decided({}, {attempts: 1, notBefore: 2_000})).toEqual({is: 'wait', because: 'it was tried before'})
  })

  it('is done again after five minutes, later each time, after an hour at most', () => {
    const waits: number[] = []
    let memory = NO_RECONNECT
    for (let attempt = 0; attempt < 6; attempt++) {
      memory = reconnected(memory, 0)
      waits.push(memory.notBefore / 60_000)
    }
    expect(waits).toEqual([5, 10, 20, 40, 60, 60])
    expect(decided({}, memory)).toMatchObject({is: 'wait'})
  })

  it('is not done more often for a tunnel that comes and goes', () => {
    expect(recovered(reconnected(NO_RECONNECT, 0))).toEqual({attempts: 0, notBefore: 300_000})
  })
})
