/** What came of an attempt to leave the namespace. */
export type Attempt = {
  /** "http://1.1.1.1/", "dns://1.1.1.1" */
  readonly target: string
  /** `unclear`: neither that something left was seen, nor that nothing did. */
  readonly is: 'left' | 'blocked' | 'unclear'
  readonly says: string
}

type Ran = {readonly code: number; readonly output: string}

/** Seconds: what the firewall drops is never answered. */
const PATIENCE_S = 5

/** Milliseconds after which an attempt that does not end by itself is given up. */
export const GIVE_UP_MS = 10_000

/** What a name server is asked for. */
const NAME = 'example.com'

/**
 * BusyBox' wget and, over UDP, its nslookup, which Gluetun's image has:
 * https://github.com/qdm12/gluetun/blob/master/Dockerfile (Alpine). Not wget's own -T: Debian's static build ends with a
 * segmentation fault on it.
 */
export function wayOutArgv(target: string): string[] {
  const limit = ['timeout', String(PATIENCE_S)]
  if (isUdp(target)) return [...limit, 'nslookup', '-type=a', NAME, target.replace(/^dns:\/\//, '')]
  return [...limit, 'wget', '-q', '-O', '/dev/null', target]
}

export const isUdp = (target: string): boolean => target.startsWith('dns://')

/** How `timeout` ends when its time is up: coreutils', BusyBox'. */
const TIMED_OUT: readonly number[] = [124, 143]

/**
 * What an attempt has come to. Pure. An answer of any kind, an error too, says that something went out and came back. A
 * refused connection may be a firewall that rejects or a machine far away that does: it proves nothing.
 */
export function attemptOf(target: string, ran: Ran | undefined): Attempt {
  if (ran === undefined) return {target, is: 'unclear', says: 'the attempt did not end'}
  const is = isUdp(target) ? nslookupSays(ran.output) : wgetSays(ran)
  if (is === 'left' && (isUdp(target) || ran.code === 0)) return {target, is, says: 'answered'}
  if (TIMED_OUT.includes(ran.code)) return {target, is: 'blocked', says: `no answer within ${PATIENCE_S} s`}
  return {target, is, says: lastWords(ran, isUdp(target) ? 'nslookup' : 'wget')}
}

const NOT_OUT = /can't connect to remote host.*(timed out|unreachable|not permitted|no route)|timed out|bad address/i
/** Somebody answered, if not with what was asked for. */
const ANSWERED = /server returned|HTTP\/1|not an http|TLS|SSL|bad header|short header|bad redirect/i

function wgetSays({code, output}: Ran): Attempt['is'] {
  if (code === 0) return 'left'
  const said = output.trim().split('\n').at(-1) ?? ''
  return NOT_OUT.test(said) ? 'blocked' : ANSWERED.test(said) ? 'left' : 'unclear'
}

/** It names the server first, and then what that said, also that there is no such name. */
function nslookupSays(output: string): Attempt['is'] {
  if (/^Server:/m.test(output) && /^(Name:|\*\* server can't find|\*\*\* Can't find .*: No answer|Non-authoritative)/m.test(output))
    return 'left'
  return /timed out|no servers could be reached|not permitted|unreachable/i.test(output) ? 'blocked' : 'unclear'
}

function lastWords({code, output}: Ran, program: string): string {
  const said = (output.trim().split('\n').at(-1) ?? '').trim().replace(/^(wget:|nslookup:|;;) */, '')
  return said === '' ? `${program} ended with ${code}` : said
}
