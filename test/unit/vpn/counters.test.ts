import {describe, expect, it} from 'vitest'
import {indexOf, packets, packetsOf} from '../../../src/lib/vpn/counters.js'

const DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:  123456     900    0    0    0     0          0         0   123456     900    0    0    0     0       0          0
  eth0: 9999999    8000    0    0    0     0          0         0   888888    7000    0    0    0     0       0          0
  tun0:    6312      22    0    1    0     0          0         0     5400      50    0    2    0     0       0          0
 tun01:       1       1    0    0    0     0          0         0        1       1    0    0    0     0       0          0
`
const IGMP = `Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter
1\tlo        :     1      V3
\t\t\t\t010000E0     1 0:00000000\t\t0
12\ttun0      :     1      V3
\t\t\t\t010000E0     1 0:00000000\t\t0
`

describe('the packets of an interface', () => {
  it('are what the kernel has counted', () => {
    expect(packetsOf(DEV, 'tun0')).toEqual({received: 22, sent: 50})
    expect(packetsOf(DEV, 'lo')).toEqual({received: 900, sent: 900})
  })

  it('that is not there, or may not be seen, are not known', () => {
    expect([packetsOf(DEV, 'tun'), packetsOf('', 'tun0'), packets(process.pid, 'no-such'), packets(0, 'lo')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  it('of this machine are read', () => {
    expect(packets(process.pid, 'lo')?.received).toBeGreaterThanOrEqual(0)
  })
})

it('the number of an interface is told by the table of multicast groups', () => {
  expect([indexOf(IGMP, 'tun0'), indexOf(IGMP, 'lo'), indexOf(IGMP, 'tun')]).toEqual([12, 1, undefined])
})
