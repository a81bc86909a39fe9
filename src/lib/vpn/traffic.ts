/** Packets of the tunnel's interface, as the kernel counts them. */
export type Counters = {readonly received: number; readonly sent: number}

/** One look at the tunnel's interface. */
type TrafficLook = {
  /** Epoch milliseconds. */
  readonly at: number
  /** undefined: there is no such interface, or the kernel does not let us see it. */
  readonly counters: Counters | undefined
}

/** What came of a question that was asked through the tunnel. `unclear`: it could not be asked. */
export type Asked = 'answered' | 'nothing' | 'unclear'

/** What is known of the traffic between two looks; times in epoch milliseconds. */
export type TrafficMemory = {
  readonly last: Counters | undefined
  /** When something last came back; before that, when the watch began. */
  readonly heardAt: number
  /** Packets sent since then, and when the first of them was seen. */
  readonly sent: number
  readonly sentAt: number | undefined
  readonly askedAt: number
  /** Questions in a row that nothing came back for. */
  readonly unanswered: number
  /** Once it is certain that nothing comes back. */
  readonly dead: Dead | undefined
}

/** Since when nothing has come back, and what the counters were then, as far as they were read. */
type Dead = {readonly since: number; readonly received?: number; readonly sent?: number}

export const freshTraffic = (at: number, dead?: Dead): TrafficMemory => ({
  ...{last: undefined, heardAt: at, sent: 0, sentAt: undefined, askedAt: at, unanswered: 0, dead},
})

/**
 * Milliseconds. A packet without an answer for this long raises suspicion, and not more often than that. Counters alone
 * decide nothing: measured, an idle and healthy tunnel received nothing for 59 s after 1 packet, for 28 s after 7; a dead
 * one sent 5 in its first 30 s.
 */
const WAITS_MS = 5_000
const PAUSE_MS = 20_000
/** Without any traffic. */
const QUIET_MS = 60_000
/** Where the counters cannot be read, and while it is known to be dead. */
const BLIND_MS = 25_000
const DEAD_MS = 15_000
/** So many questions in a row without an answer are certainty. */
const CERTAIN = 2

/** What a look adds. Pure. Counters that went down are those of another interface: the tunnel was made again. */
export function lookedAt(memory: TrafficMemory, {at, counters}: TrafficLook): TrafficMemory {
  const {last} = memory
  if (counters === undefined || last === undefined) return {...memory, last: counters}
  const again = counters.received < last.received || counters.sent < last.sent
  const received = counters.received - (again ? 0 : last.received)
  const sent = counters.sent - (again ? 0 : last.sent)
  if (received > 0) return {...memory, last: counters, heardAt: at, sent: 0, sentAt: undefined, unanswered: 0}
  return {...memory, last: counters, sent: memory.sent + sent, sentAt: memory.sentAt ?? (sent > 0 ? at : undefined)}
}

/** Whether to ask now. Pure. */
export function isDue({last, heardAt, sentAt, askedAt, unanswered, dead}: TrafficMemory, at: number): boolean {
  const since = at - askedAt
  if (dead !== undefined) return since >= DEAD_MS || heardAt > askedAt
  if (unanswered > 0 || since < 0) return true
  if (last === undefined) return since >= BLIND_MS
  if (at - Math.max(heardAt, askedAt) >= QUIET_MS) return true
  return sentAt !== undefined && at - sentAt >= WAITS_MS && since >= PAUSE_MS
}

/** What a question changed, for people: milliseconds without anything coming back. */
type TrafficChange = {readonly is: 'dead' | 'over'; readonly lasted: number; readonly sent: number}

/**
 * What is known after a question. Pure. Anything that came back while it was asked is life, also if it was no answer: on a
 * tunnel that loses most packets nothing else may come. What was said to be dead is alive when something answers.
 * @param memory With a look that was taken after the question.
 * @param began When the question was begun.
 */
export function judged(
  memory: TrafficMemory,
  asked: Asked,
  began: number,
  at: number,
): {readonly memory: TrafficMemory; readonly change: TrafficChange | undefined} {
  const {dead, heardAt, last} = memory
  const now = {...memory, askedAt: at}
  if (asked === 'answered') {
    const over = dead && {is: 'over' as const, lasted: at - dead.since, sent: 0}
    return {memory: {...now, heardAt: at, sent: 0, sentAt: undefined, unanswered: 0, dead: undefined}, change: over}
  }
  if (asked === 'unclear') return {memory: now, change: undefined}
  if (heardAt >= began || dead !== undefined) return {memory: {...now, unanswered: 0}, change: undefined}
  const unanswered = memory.unanswered + 1
  if (unanswered < CERTAIN) return {memory: {...now, unanswered}, change: undefined}
  const then = last && {received: last.received, sent: last.sent - memory.sent}
  const change = {is: 'dead' as const, lasted: at - heardAt, sent: memory.sent}
  return {memory: {...now, unanswered: 0, dead: {since: heardAt, ...then}}, change}
}

/** The tunnel is down on purpose: what was seen before says nothing. Pure. */
export const rested = (memory: TrafficMemory, at: number): TrafficMemory => freshTraffic(at, memory.dead)
