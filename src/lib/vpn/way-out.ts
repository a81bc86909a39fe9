/** What came of an attempt to leave the namespace. */
export type Attempt = {
  /** "http://1.1.1.1/" */
  readonly target: string
  /** `unclear`: neither that something left was seen, nor that nothing did. */
  readonly is: 'left' | 'blocked' | 'unclear'
  readonly says: string
}

/** Seconds: what the firewall drops is never answered. */
const PATIENCE_S = 5

/** Milliseconds after which an attempt that does not end by itself is given up. */
export const GIVE_UP_MS = 10_000

/**
 * BusyBox' wget, which Gluetun's image has: https://github.com/qdm12/gluetun/blob/master/Dockerfile (Alpine). Not its own -T:
 * Debian's static build ends with a segmentation fault on it.
 */
export const wayOutArgv = (target: string): string[] => ['timeout', String(PATIENCE_S), 'wget', '-q', '-O', '/dev/null', target]

/** How `timeout` ends when its time is up: coreutils', BusyBox'. */
const TIMED_OUT: readonly number[] = [124, 143]
const NOT_OUT = /can't connect to remote host.*(timed out|unreachable|not permitted|no route)|timed out|bad address/i
/** Somebody answered, if not with what was asked for. */
const ANSWERED = /server returned|HTTP\/1|not an http|TLS|SSL|bad header|short header|bad redirect/i

/**
 * What the words of wget mean. Pure. An answer of any kind, an error too, says that something went out and came back. A
 * refused connection may be a firewall that rejects or a machine far away that does: it proves nothing.
 */
export function attemptOf(target: string, ran: {readonly code: number; readonly output: string} | undefined): Attempt {
  if (ran === undefined) return {target, is: 'unclear', says: 'the attempt did not end'}
  if (ran.code === 0) return {target, is: 'left', says: 'answered'}
  if (TIMED_OUT.includes(ran.code)) return {target, is: 'blocked', says: `no answer within ${PATIENCE_S} s`}
  const said = (ran.output.trim().split('\n').at(-1) ?? '').trim().replace(/^wget: /, '')
  const says = said === '' ? `wget ended with ${ran.code}` : said
  return {target, is: NOT_OUT.test(said) ? 'blocked' : ANSWERED.test(said) ? 'left' : 'unclear', says}
}
