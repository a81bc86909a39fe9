import type {Log} from '../../../src/lib/model/log.js'

/** A log that is kept as lines: "warn The network is away." */
export function memoryLog(): Log & {readonly lines: string[]} {
  const lines: string[] = []
  const write = (level: string) => (text: string) => void lines.push(`${level} ${text}`)
  return {lines, info: write('info'), warn: write('warn'), error: write('error')}
}
