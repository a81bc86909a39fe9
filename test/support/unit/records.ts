import type {JournalRecord} from '../../../src/lib/journal/record.js'

type Began = Extract<JournalRecord, {kind: 'began'}>

/** The second of the night at which a line is written: 02:13:00 and so many seconds, UTC. */
export const at = (second: number): string => new Date(Date.UTC(2026, 10, 23, 2, 13, second)).toISOString()

export const began = (op: string, words: Partial<Began> = {}): Began => ({
  op,
  at: at(0),
  kind: 'began',
  stack: 'torrent',
  verb: 'cascade',
  by: 'watch',
  trigger: 'gluetun restarted at 02:13:00',
  ...words,
})

/** "recreate sonarr", why it is to be done by its name. */
const stepOf = (text: string): {action: string; target: string; reason: string} => {
  const [action = '', target = ''] = text.split(' ')
  return {action, target, reason: `why ${action}`}
}

export const planned = (op: string, ...steps: string[]): JournalRecord => ({op, at: at(1), kind: 'planned', steps: steps.map(stepOf)})

export const step = (op: string, text: string, result = 'done', message?: string): JournalRecord => ({
  op,
  at: at(2),
  kind: 'step',
  ...stepOf(text),
  result,
  seconds: 1.5,
  ...(message === undefined ? {} : {message}),
})

export const ended = (op: string, words: Partial<Extract<JournalRecord, {kind: 'ended'}>> = {}): JournalRecord => ({
  op,
  at: at(42),
  kind: 'ended',
  result: 'done',
  seconds: 42,
  summary: '2 steps done',
  ...words,
})
