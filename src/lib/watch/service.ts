import type {Pulse} from './heartbeat.js'
import type {SystemdNotifier} from './systemd-notify.js'

type ServiceOptions = {
  readonly systemd: SystemdNotifier
  /** Milliseconds between two signs of life; undefined: nobody waits for one. */
  readonly watchdog: number | undefined
  readonly pulses: () => readonly Pulse[]
  /** Whether who listens does so, or has told why not. */
  readonly listens: () => boolean
  readonly now: () => number
  readonly signal: AbortSignal
}

/** A loop that has not turned for this long hangs, milliseconds; the longest that one turn may take is shorter. */
const HANGS_MS = 1_800_000

/** What systemd hears of the watchers: that all listen and have looked once, whatever they are at by now; how they are, that they live, that they end. */
type Service = {
  /** Call at every turn of a loop, and when somebody listens. */
  turned(): void
  close(): Promise<void>
}

export function service({systemd, watchdog, pulses, listens, now, signal}: ServiceOptions): Service {
  let ready = false
  let said = ''
  const beat = (): void => {
    if (pulses().every(({turnedAt}) => now() - turnedAt < HANGS_MS)) void systemd.watchdog()
  }
  const timer = watchdog === undefined ? undefined : setInterval(beat, watchdog)
  let farewell: Promise<void> | undefined
  const stopping = (): void => void (farewell = systemd.stopping())
  signal.addEventListener('abort', stopping, {once: true})
  return {
    turned: () => {
      const text = pulses().map(statusText).join('; ')
      if (!ready && listens() && pulses().every(({turns}) => turns > 0)) {
        ready = true
        void systemd.ready(text)
      } else if (ready && text !== said) void systemd.status(text)
      said = text
    },
    close: async () => {
      clearInterval(timer)
      signal.removeEventListener('abort', stopping)
      await (farewell ?? systemd.stopping())
    },
  }
}

const statusText = ({name, phase, trouble}: Pulse): string => `${name}: ${trouble ?? phase}`
