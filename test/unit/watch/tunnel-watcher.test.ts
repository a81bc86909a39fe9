import {describe, expect, it} from 'vitest'
import type {Notification} from '../../../src/lib/model/notification.js'
import type {TunnelMemory} from '../../../src/lib/vpn/tunnel-memory.js'
import type {PortsSeen} from '../../../src/lib/vpn/portless.js'
import type {ReconnectView} from '../../../src/lib/vpn/reconnects.js'
import {heartbeat, type Heartbeat} from '../../../src/lib/watch/heartbeat.js'
import {tunnelWatcher, type TunnelRoom} from '../../../src/lib/watch/tunnel-watcher.js'
import {listeningLog} from '../../support/unit/log.js'
import {virtualTime, type VirtualTime} from '../../support/unit/virtual-time.js'

const START = Date.parse('2026-11-27T20:00:00Z')

/** A gateway whose tunnel does what a test says; a packet a second is sent, and answered while it lives. */
class Gateway implements TunnelRoom {
  lives = true
  isDown = false
  wanted = true
  forwarded: PortsSeen = 'some'
  answers: ReconnectView = {healthy: true, state: 'running', exit: '203.0.113.7', firewallOff: undefined}
  asked = 0
  readonly reconnects: string[] = []
  /** What a reconnect does. */
  onReconnect = (): void => undefined
  private received = 0
  private last = START
  private sent = 0

  async bringBack() {
    return false
  }
  async look() {
    const seconds = Math.floor((Date.now() - this.last) / 1000)
    this.last += seconds * 1000
    this.sent += seconds
    if (this.lives) this.received += seconds
    return this.isDown ? undefined : {counters: {received: this.received, sent: this.sent}}
  }
  async isWanted() {
    return this.wanted
  }
  async ask() {
    this.asked++
    if (!this.lives) await new Promise((resolve) => setTimeout(resolve, 4_000))
    return this.lives ? ('answered' as const) : ('nothing' as const)
  }
  async ports() {
    return this.forwarded
  }
  async view() {
    return this.answers
  }
  async reconnect(because: string) {
    this.reconnects.push(because)
    this.onReconnect()
    return 'exit IP 203.0.113.8'
  }
}

type Watched = {
  readonly gateway: Gateway
  readonly time: VirtualTime
  readonly lines: string[]
  readonly phone: Notification[]
  readonly beat: Heartbeat
  readonly memory: () => TunnelMemory
  /** Ends this one, and begins another with what it has written down. */
  readonly again: () => Promise<void>
}

async function watched(work: (watched: Watched) => Promise<void>): Promise<void> {
  const time = virtualTime(START)
  const phone: Notification[] = []
  const {log, lines} = listeningLog()
  const gateway = new Gateway()
  const beat = heartbeat('tunnel', Date.now)
  let memory: TunnelMemory = {}
  let stopping = new AbortController()
  const begin = () => {
    stopping = new AbortController()
    const notes = {read: async () => memory, write: async (fresh: TunnelMemory) => void (memory = fresh)}
    const notifier = {post: async (notification: Notification) => void phone.push(notification)}
    const watch = {
      name: 'tunnel',
      where: 'torrent/gluetun',
      room: gateway,
      notes,
      every: 5_000,
      patience: 60_000,
      beat,
      notifier,
      log,
      now: Date.now,
    }
    return tunnelWatcher(watch).run(stopping.signal)
  }
  let run = begin()
  const again = async (): Promise<void> => {
    stopping.abort()
    await run
    run = begin()
    await time.settle()
  }
  try {
    await time.settle()
    await work({gateway, time, lines, phone, beat, memory: () => memory, again})
  } finally {
    stopping.abort()
    time.end()
  }
}

describe('a watched tunnel', () => {
  it('that works is not asked, and nothing is said', () =>
    watched(async ({gateway, time, lines, phone, beat}) => {
      await time.pass(3_600_000)
      expect([gateway.asked, lines, phone, beat.pulse().phase]).toEqual([0, [], [], 'traffic'])
    }))

  it('that is dead is told once within 40 s, reconnected once, and told when it works again, with how long', () =>
    watched(async ({gateway, time, lines, phone, beat, memory}) => {
      await time.pass(60_000)
      gateway.lives = false
      await time.pass(40_000)
      expect(lines[0]).toMatch(/^warn: tunnel: nothing has come back through the tunnel for \d\d s, \d\d packets sent$/)
      expect(phone.map(({title, priority}) => [title, priority])).toEqual([['VPN: nothing comes back through the tunnel', 5]])
      expect(phone[0]?.message).toMatch(/^torrent\/gluetun: nothing has come back through the tunnel for \d\d s, \d\d packets sent\.\n/)
      expect([beat.pulse().phase, memory().dead !== undefined]).toEqual(['nothing comes back', true])
      await time.pass(200_000)
      expect([gateway.reconnects.length, phone.length]).toEqual([1, 1])
      gateway.lives = true
      await time.pass(20_000)
      expect(lines.at(-1)).toMatch(/^info: tunnel: the tunnel works again, after 4 min \d+ s$/)
      expect(phone.at(-1)).toMatchObject({
        title: 'VPN: the tunnel works again',
        message: expect.stringMatching(/after 4 min \d+ s\.$/) as string,
      })
      expect([beat.pulse().phase, memory().dead]).toEqual(['traffic', undefined])
      await time.pass(3_600_000)
      expect(phone).toHaveLength(2)
    }))

  it('that stays dead is reconnected again, later each time', () =>
    watched(async ({gateway, time}) => {
      gateway.lives = false
      await time.pass(3_600_000)
      expect(gateway.reconnects).toHaveLength(4) // at once, after 5, 15 and 35 minutes
    }))

  it('that a new tunnel mends works again', () =>
    watched(async ({gateway, time, lines}) => {
      gateway.lives = false
      gateway.onReconnect = () => (gateway.lives = true)
      await time.pass(60_000)
      expect(lines.map((line) => line.replace(/\d+ s/g, 'N s').replace(/\d+ packets/, 'N packets'))).toEqual([
        'warn: tunnel: nothing has come back through the tunnel for N s, N packets sent',
        'info: tunnel: reconnecting, as nothing has come back through the tunnel for N s',
        'info: tunnel: reconnected: exit IP 203.0.113.8',
        'info: tunnel: the tunnel works again, after N s',
      ])
    }))

  it('is left to Gluetun while that reconnects by itself; that is one line', () =>
    watched(async ({gateway, time, lines}) => {
      gateway.lives = false
      gateway.answers = {...gateway.answers, healthy: false, exit: ''}
      await time.pass(600_000)
      expect(gateway.reconnects).toEqual([])
      expect(lines.filter((line) => line.includes('it is not reconnected: Gluetun reconnects by itself'))).toHaveLength(1)
    }))

  it('is not reconnected with the firewall off', () =>
    watched(async ({gateway, time, lines}) => {
      gateway.lives = false
      gateway.answers = {...gateway.answers, firewallOff: 'FIREWALL is off'}
      await time.pass(600_000)
      expect([gateway.reconnects, lines.filter((line) => line.includes('FIREWALL is off'))]).toEqual([[], [expect.any(String)]])
    }))

  it.each(['isDown', 'unwanted'])('that was taken down on purpose (%s) is no alarm', (how) =>
    watched(async ({gateway, time, phone}) => {
      gateway.lives = false
      if (how === 'isDown') gateway.isDown = true
      else gateway.wanted = false
      await time.pass(3_600_000)
      expect(phone).toEqual([])
    }),
  )

  it('that is known to be dead is not told again by the next watcher, and its end is', () =>
    watched(async ({gateway, time, phone, again}) => {
      gateway.lives = false
      await time.pass(60_000)
      await again()
      await time.pass(120_000)
      expect(phone).toHaveLength(1)
      gateway.lives = true
      await time.pass(20_000)
      expect(phone.map(({title}) => title)).toEqual(['VPN: nothing comes back through the tunnel', 'VPN: the tunnel works again'])
    }))

  it('without a forwarded port for two minutes is told once, reconnected once, and told when there is one', () =>
    watched(async ({gateway, time, phone, lines}) => {
      await time.pass(60_000)
      gateway.forwarded = 'none'
      await time.pass(100_000)
      expect(phone).toEqual([])
      await time.pass(60_000)
      expect([phone[0]?.title, gateway.reconnects]).toEqual(['VPN: no port is forwarded', ['no port is forwarded']])
      gateway.forwarded = 'some'
      await time.pass(60_000)
      expect(phone.map(({title}) => title)).toEqual(['VPN: no port is forwarded', 'VPN: a port is forwarded again'])
      expect(lines[0]).toMatch(/^warn: tunnel: no port has been forwarded for 2 min \d+ s, although VPN_PORT_FORWARDING is on$/)
    }))
})
