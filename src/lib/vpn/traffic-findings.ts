import type {Finding} from '../model/finding.js'
import type {ThroughAnswer} from './ask-through.js'

/** A question through the tunnel, and what the interface counted meanwhile. */
export type Traffic = {
  readonly answer: ThroughAnswer
  /** Packets while it was asked; undefined: the counters could not be read. */
  readonly meanwhile: {readonly received: number; readonly sent: number} | undefined
  /** Since when nothing has come back, in words, and whether the watcher has found that out already. */
  readonly silence: {readonly says: string; readonly isKnown: boolean}
  /** Seconds that each had to answer. */
  readonly seconds: number
}

const CHECK = 'traffic'

/** Whether anything comes back through the tunnel. Pure. Anything that was received is life, also if it was no answer. */
export function trafficFinding({answer, meanwhile, silence, seconds}: Traffic): Finding {
  if ('answered' in answer) return {is: 'good', check: CHECK, says: `${answer.answered} answers through the tunnel`}
  const {attempts} = answer
  const told = attempts.map(({target, says}) => `${target}: ${says}`).join('; ')
  if ((meanwhile?.received ?? 0) > 0)
    return {
      is: 'warn',
      check: CHECK,
      says: `packets come back through the tunnel, and neither of ${attempts.map(({target}) => target).join(', ')} answers within ${seconds} s`,
      next: ['homelab vpn logs -n 50', 'Ask others, in homelab.yml: vpn: {through: [http://1.0.0.1/, dns://149.112.112.112]}'],
    }
  if (!silence.isKnown && !attempts.some(({is}) => is === 'blocked'))
    return {is: 'unknown', check: CHECK, says: `whether anything comes back through the tunnel cannot be told: ${told}`}
  return {is: 'bad', check: CHECK, says: `${silence.says} (${told})`, next: ['homelab vpn reconnect', 'homelab vpn logs -n 50']}
}
