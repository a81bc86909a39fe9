import type {Pass} from '../apply/cascade/pass.js'
import type {Decision} from '../plan/cascade/decide.js'
import type {Log} from '../model/log.js'

type Line = {readonly level: keyof Log; readonly text: string}

/** What a pass is worth saying in a log that is read once a year: changes, no repetitions. @param before The phase of the last pass. */
export function passText(stack: string, {decision, verdict}: Pass, before: string): Line[] {
  const {phase} = decision
  if (verdict !== undefined) return [{level: verdict.result === 'unhealthy' ? 'warn' : 'info', text: `${stack}: ${verdict.summary}`}]
  return phase === before || (phase === 'paused' && before === 'loop') ? [] : phaseText(stack, decision)
}

function phaseText(stack: string, {phase, memory, trigger}: Decision): Line[] {
  switch (phase) {
    case 'gateway':
      return [{level: 'warn', text: `${stack}: ${trigger}; waiting for the gateway to become healthy`}]
    case 'loop':
      return [
        {
          level: 'error',
          text: `${stack}: restart loop: cascades pause until ${time(memory.pausedUntil)}; homelab cascade --resume ends that`,
        },
      ]
    case 'paused':
      return [{level: 'warn', text: `${stack}: something is cut off, and cascades pause until ${time(memory.pausedUntil)}`}]
    case 'backoff':
      return [{level: 'warn', text: `${stack}: attempt ${memory.episode?.attempts} failed; the next one follows`}]
    default:
      return []
  }
}

const time = (at: number | undefined): string => new Date(at ?? 0).toISOString()
