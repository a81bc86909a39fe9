import type {Log} from '../model/log.js'
import {lastedText, silenceText} from '../util/text.js'
import type {Notification, Notifier} from '../model/notification.js'
import type {TunnelMemory, TunnelNotes} from '../vpn/tunnel-memory.js'
import {aliveAlert, deadAlert, portBackAlert, portlessAlert} from '../vpn/tunnel-alerts.js'
import {decidePortless, NOT_PORTLESS, type PortlessMemory, type PortsSeen} from '../vpn/portless.js'
import {decideReconnect, NO_RECONNECT, reconnected, recovered, type ReconnectMemory, type ReconnectView} from '../vpn/reconnects.js'
import {freshTraffic, isDue, judged, lookedAt, rested, type Asked, type Counters, type TrafficMemory} from '../vpn/traffic.js'
import {createWakeup} from '../util/wakeup.js'
import type {Heartbeat} from './heartbeat.js'
import type {Watcher} from './supervisor.js'
import {trouble} from './repeated-failure.js'

/** One gateway's tunnel. Each call throws an OperatorError if Docker cannot be asked. */
export type TunnelRoom = {
  /**
   * Starts a tunnel that a command left down when it was killed. @returns whether there was one.
   * @throws OperatorError if it does not run again.
   */
  bringBack(signal: AbortSignal): Promise<boolean>
  /** undefined: the gateway does not run, or a command has taken the tunnel down. */
  look(signal: AbortSignal): Promise<{readonly counters: Counters | undefined} | undefined>
  /** Whether it is to work: not while it is stopped on purpose, or starts. */
  isWanted(signal: AbortSignal): Promise<boolean>
  /** Asks something of the internet through it. */
  ask(signal: AbortSignal): Promise<Asked>
  ports(signal: AbortSignal): Promise<PortsSeen>
  /** What is known before a reconnect. */
  view(signal: AbortSignal): Promise<ReconnectView>
  /** A new tunnel. @returns what it comes out at, in words. @throws OperatorError if there is none. */
  reconnect(because: string, signal: AbortSignal): Promise<string>
}

type TunnelWatch = {
  readonly name: string
  /** "torrent/gluetun", for messages. */
  readonly where: string
  readonly room: TunnelRoom
  readonly notes: TunnelNotes
  /** Milliseconds between two looks. */
  readonly every: number
  /** Milliseconds that Docker may be away before that is an alert. */
  readonly patience: number
  readonly beat: Heartbeat
  readonly notifier: Notifier
  readonly log: Log
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** What is known between two looks. */
type Known = {
  readonly traffic: TrafficMemory
  readonly portless: PortlessMemory
  /** When Gluetun was last asked for the port, and for what a reconnect needs to know. */
  readonly portsAt: number
  readonly viewedAt: number
  readonly reconnects: ReconnectMemory
  /** Why the last wish for a reconnect was not granted: that is one line. */
  readonly why: string
}

/** Milliseconds. */
const PORTS_MS = 30_000
const VIEW_MS = 15_000
/** Until a question that nothing came back for is asked again. */
const SOON_MS = 500

/** Looks whether anything comes back through the tunnel, and whether a port is forwarded: told once, reconnected once, told again. */
export const tunnelWatcher = (watch: TunnelWatch): Watcher => ({name: watch.name, run: (signal) => new Run(watch, signal).run()})

class Run {
  private known: Known
  private written = '{}'
  /** A reconnect that is under way. */
  private pending: Promise<void> | undefined

  constructor(
    private readonly watch: TunnelWatch,
    private readonly signal: AbortSignal,
  ) {
    const at = watch.now()
    this.known = {traffic: freshTraffic(at), portless: NOT_PORTLESS, portsAt: 0, viewedAt: 0, reconnects: NO_RECONNECT, why: ''}
  }

  async run(): Promise<void> {
    const {watch, signal} = this
    const awake = createWakeup()
    // That Docker is away is the cascade's alert: one is enough.
    const snag = trouble({...watch, notifier: {post: () => Promise.resolve()}})
    await this.remember()
    while (!signal.aborted) {
      let pause = watch.every
      try {
        pause = await this.turn()
        snag.over()
      } catch (error) {
        if (this.isOver()) break
        watch.beat.failed(error instanceof Error ? error.message : String(error))
        pause = await snag.happened(error)
      }
      await awake.next({leastMs: pause, mostMs: pause}, signal)
    }
    // It brings the tunnel back first.
    await this.pending
  }

  /** A loop's condition is checked again after an await, which the compiler does not see. */
  private isOver(): boolean {
    return this.signal.aborted
  }

  private async remember(): Promise<void> {
    const {watch, known} = this
    const found = await watch.notes.read().catch((error: unknown): TunnelMemory => {
      watch.log.warn(`${watch.name}: ${(error as Error).message}`)
      return {}
    })
    this.written = JSON.stringify(found)
    this.known = {
      ...known,
      traffic: freshTraffic(watch.now(), found.dead),
      portless: found.portless ?? NOT_PORTLESS,
      reconnects: found.reconnects ?? NO_RECONNECT,
    }
  }

  /** @returns Milliseconds until the next look. */
  private async turn(): Promise<number> {
    const {watch, signal} = this
    const {room, beat, every, now, log, name} = watch
    if (this.pending === undefined && (await room.bringBack(signal)))
      log.warn(`${name}: a command that was killed had left the tunnel down; it runs again`)
    const look = await room.look(signal)
    if (look === undefined) {
      this.known = {...this.known, traffic: rested(this.known.traffic, now())}
      beat.looked('no tunnel')
      return every
    }
    const traffic = lookedAt(this.known.traffic, {at: now(), counters: look.counters})
    this.known = {...this.known, traffic}
    if (isDue(traffic, now())) await this.ask()
    await this.lookForPort()
    await this.wish()
    await this.note()
    const {dead, unanswered} = this.known.traffic
    beat.looked(dead === undefined ? (this.known.portless.told ? 'no port' : 'traffic') : 'nothing comes back')
    return unanswered > 0 ? SOON_MS : every
  }

  private async ask(): Promise<void> {
    const {room, now, log, where, name} = this.watch
    const began = now()
    if (!(await room.isWanted(this.signal))) {
      this.known = {...this.known, traffic: rested(this.known.traffic, now())}
      return
    }
    const asked = await room.ask(this.signal)
    const look = await room.look(this.signal)
    // Whoever took the tunnel down meanwhile is the reason that nothing came.
    if (look === undefined) return
    const after = lookedAt(this.known.traffic, {at: now(), counters: look.counters})
    const {memory, change} = judged(after, asked, began, now())
    this.known = {...this.known, traffic: memory}
    if (change === undefined) return
    if (change.is === 'dead') {
      const silence = silenceText(change.lasted, look.counters === undefined ? undefined : change.sent)
      log.warn(`${name}: ${silence}`)
      await this.post(deadAlert(where, silence, now()))
    } else {
      log.info(`${name}: the tunnel works again, after ${lastedText(change.lasted)}`)
      this.known = {...this.known, reconnects: recovered(this.known.reconnects), why: ''}
      await this.post(aliveAlert(where, change.lasted, now()))
    }
  }

  /** While nothing comes back there can be none, and that is told already. */
  private async lookForPort(): Promise<void> {
    const {room, now, log, where, name} = this.watch
    if (this.known.traffic.dead !== undefined || now() - this.known.portsAt < PORTS_MS) return
    const seen = await room.ports(this.signal)
    const {memory, change} = decidePortless(seen, this.known.portless, now())
    this.known = {...this.known, portless: memory, portsAt: now()}
    if (change?.is === 'lost') {
      log.warn(`${name}: no port has been forwarded for ${lastedText(change.lasted)}, although VPN_PORT_FORWARDING is on`)
      await this.post(portlessAlert(where, change.lasted, now()))
    } else if (change?.is === 'back') {
      log.info(`${name}: a port is forwarded again, after ${lastedText(change.lasted)}`)
      this.known = {...this.known, reconnects: recovered(this.known.reconnects), why: ''}
      await this.post(portBackAlert(where, change.lasted, now()))
    }
  }

  /** What is wrong with the tunnel, in words; undefined: nothing. */
  private wrong(): string | undefined {
    const {traffic, portless} = this.known
    if (traffic.dead !== undefined) return silenceText(this.watch.now() - traffic.dead.since, undefined)
    return portless.told ? 'no port is forwarded' : undefined
  }

  /** Reconnects, if that may help and nothing speaks against it. */
  private async wish(): Promise<void> {
    const {room, now, log, name} = this.watch
    const because = this.wrong()
    const {reconnects, viewedAt} = this.known
    if (because === undefined || this.pending !== undefined || now() < reconnects.notBefore || now() - viewedAt < VIEW_MS) return
    const decision = decideReconnect(await room.view(this.signal), reconnects, now())
    this.known = {...this.known, viewedAt: now()}
    if (decision.is !== 'reconnect') {
      if (decision.because !== this.known.why) log.info(`${name}: it is not reconnected: ${decision.because}`)
      this.known = {...this.known, why: decision.because}
      return
    }
    this.known = {...this.known, reconnects: reconnected(reconnects, now()), why: ''}
    log.info(`${name}: reconnecting, as ${because}`)
    this.pending = room
      .reconnect(because, this.signal)
      .then((came) => log.info(`${name}: reconnected: ${came}`))
      .catch((error: unknown) => log.warn(`${name}: the reconnect failed: ${(error as Error).message}`))
      .finally(() => (this.pending = undefined))
  }

  private async post(notification: Notification): Promise<void> {
    const {notifier, log, name} = this.watch
    await notifier.post(notification).catch((error: unknown) => log.warn(`${name}: ${(error as Error).message}`))
  }

  /** For the next start, and for whoever asks how the tunnel is. */
  private async note(): Promise<void> {
    const {notes, log, name} = this.watch
    const memory = memoryOf(this.known)
    const text = JSON.stringify(memory)
    if (text === this.written) return
    this.written = text
    await notes.write(memory).catch((error: unknown) => log.warn(`${name}: ${(error as Error).message}`))
  }
}

function memoryOf({traffic, portless, reconnects}: Known): TunnelMemory {
  return {
    ...(traffic.dead && {dead: traffic.dead}),
    ...(portless.since !== undefined && {portless: {since: portless.since, told: portless.told}}),
    ...((reconnects.attempts > 0 || reconnects.notBefore > 0) && {reconnects}),
  }
}
