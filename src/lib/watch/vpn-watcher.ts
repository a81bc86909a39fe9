import {afterLook, afterSync, decidePort, isSuspicious, NO_PORT, type PortMemory, type PortReading} from '../plan/vpn/port.js'
import type {Log} from '../model/log.js'
import {createWakeup} from '../time/wakeup.js'
import type {Heartbeat} from './heartbeat.js'
import type {Watcher} from './supervise.js'
import {trouble} from './trouble.js'

/** One gateway's forwarded port, and what is done with it. */
export type PortRoom = {
  /** Asks Gluetun and the kernel. @throws OperatorError if Docker cannot be asked. */
  read(signal: AbortSignal): Promise<PortReading>
  /** @param again It failed before, and was told. @throws OperatorError if it is not seen to listen there. */
  sync(wanted: {readonly port: number; readonly because: string; readonly again: boolean}, signal: AbortSignal): Promise<void>
}

type VpnWatch = {
  readonly name: string
  readonly room: PortRoom
  /** Milliseconds between two looks. */
  readonly every: number
  /** Milliseconds that Docker may be away before that is an alert. */
  readonly patience: number
  readonly beat: Heartbeat
  readonly log: Log
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Never goes back: for what is only compared within this process. */
  readonly clock: () => number
}

/** Keeps qBittorrent on the forwarded port. An internal reconnect makes no event, so it looks. */
export const vpnWatcher = (watch: VpnWatch): Watcher => ({name: watch.name, run: (signal) => run(watch, signal)})

async function run(watch: VpnWatch, signal: AbortSignal): Promise<void> {
  const awake = createWakeup()
  // That Docker is away is the cascade's alert: one is enough.
  const snag = trouble({...watch, notifier: {post: () => Promise.resolve()}})
  let memory = NO_PORT
  while (!signal.aborted) {
    let pause = watch.every
    try {
      const done = await turn(watch, memory, signal)
      memory = done.memory
      if (done.soon) pause = SOON_MS
      snag.over()
    } catch (error) {
      if (isOver(signal)) break
      watch.beat.failed(error instanceof Error ? error.message : String(error))
      pause = await snag.happened(error)
    }
    await awake.next({leastMs: pause, mostMs: pause}, signal)
  }
}

/** A loop's condition is checked again after an await, which the compiler does not see. */
const isOver = (signal: AbortSignal): boolean => signal.aborted

/** What differs is looked at again after so many milliseconds: it counts when it was read twice. */
const SOON_MS = 1_000

async function turn(watch: VpnWatch, memory: PortMemory, signal: AbortSignal): Promise<{memory: PortMemory; soon: boolean}> {
  const {room, beat, log, name, clock} = watch
  const reading = await room.read(signal)
  const decision = decidePort(reading, memory, clock())
  beat.looked(reading.forwarded === undefined ? 'no port' : `port ${reading.forwarded}`)
  const seen = afterLook(memory, reading)
  if (decision.is === 'rest') return {memory: seen, soon: isSuspicious(reading, memory, clock())}
  try {
    await room.sync({...decision, again: memory.failures > 0}, signal)
    log.info(`${name}: qBittorrent listens on port ${decision.port} now, as ${decision.because}`)
    return {memory: afterSync(seen, decision.port, true, clock()), soon: false}
  } catch (error) {
    signal.throwIfAborted()
    // The same again and again is one line.
    if (memory.failures === 0) log.warn(`${name}: ${(error as Error).message}`)
    return {memory: afterSync(seen, decision.port, false, clock()), soon: false}
  }
}
