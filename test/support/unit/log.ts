import type {Log} from '../../../src/lib/model/log.js'

/** A log that a test reads: "warn: what it says". */
export function listeningLog(): {readonly log: Log; readonly lines: string[]} {
  const lines: string[] = []
  const say = (level: string) => (text: string) => void lines.push(`${level}: ${text}`)
  return {lines, log: {info: say('info'), warn: say('warn'), error: say('error')}}
}
