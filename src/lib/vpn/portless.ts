/** Whether a port is forwarded. `off`: the tunnel is down on purpose, or none is asked for; `unknown`: Gluetun could not be asked. */
export type PortsSeen = 'some' | 'none' | 'off' | 'unknown'

/** Times in epoch milliseconds. */
export type PortlessMemory = {
  /** Since when there is none; undefined: there is one, or nothing is known. */
  readonly since: number | undefined
  readonly told: boolean
}

export const NOT_PORTLESS: PortlessMemory = {since: undefined, told: false}

/** Milliseconds: a new tunnel needs some seconds until it has a port. */
const PORTLESS_MS = 120_000

type PortlessChange = {readonly is: 'lost' | 'back'; readonly lasted: number}

/** What a look at the forwarded port adds, and what is to be told. Pure. */
export function decidePortless(
  seen: PortsSeen,
  memory: PortlessMemory,
  at: number,
): {readonly memory: PortlessMemory; readonly change: PortlessChange | undefined} {
  const {since, told} = memory
  if (seen === 'unknown' || (seen === 'off' && told)) return {memory, change: undefined}
  if (seen === 'off') return {memory: NOT_PORTLESS, change: undefined}
  if (seen === 'some') return {memory: NOT_PORTLESS, change: told && since !== undefined ? {is: 'back', lasted: at - since} : undefined}
  return without(since ?? at, told, at)
}

function without(since: number, told: boolean, at: number): {memory: PortlessMemory; change: PortlessChange | undefined} {
  const lost = !told && at - since >= PORTLESS_MS
  return {memory: {since, told: told || lost}, change: lost ? {is: 'lost', lasted: at - since} : undefined}
}
