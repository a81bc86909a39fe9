/** What came of an attempt to leave the namespace. */
export type Attempt = {
  /** "http://1.1.1.1/", "dns://1.1.1.1" */
  readonly target: string
  /** `unclear`: neither that something left was seen, nor that nothing did. */
  readonly is: 'left' | 'blocked' | 'unclear'
  readonly says: string
}

export type Ran = {readonly code: number; readonly output: string}

/** Seconds: what the firewall drops is never answered. */
const PATIENCE_S = 5

/** Milliseconds after which an attempt that does not end by itself is given up. */
export const GIVE_UP_MS = 20_000

/** What a name server is asked for. */
const NAME = 'example.com'

/**
 * The gateway's own programs: Gluetun's image has GNU wget, and BusyBox' nslookup and timeout
 * (https://github.com/qdm12/gluetun/blob/master/Dockerfile); other images have BusyBox' wget. Both know these options.
 * `-nv`, as GNU wget says nothing of an error under `-q`; `-t 1`, as it tries twenty times otherwise. Not wget's own -T:
 * Debian's static BusyBox ends with a segmentation fault on it.
 * @param seconds After which there is no answer.
 */
export function wayOutArgv(target: string, seconds = PATIENCE_S): string[] {
  const limit = ['timeout', String(seconds)]
  if (isUdp(target)) return [...limit, 'nslookup', '-type=a', NAME, target.replace(/^dns:\/\//, '')]
  return [...limit, 'wget', '-nv', '-t', '1', '-O', '/dev/null', target]
}

export const isUdp = (target: string): boolean => target.startsWith('dns://')

/** How `timeout` ends when its time is up: coreutils', BusyBox'. */
const TIMED_OUT: readonly number[] = [124, 143]

/**
 * What an attempt has come to. Pure. An answer of any kind, an error too, says that something went out and came back. A
 * refused connection may be a firewall that rejects or a machine far away that does: it proves nothing.
 */
export function attemptOf(target: string, ran: Ran | undefined, seconds = PATIENCE_S): Attempt {
  if (ran === undefined) return {target, is: 'unclear', says: 'the attempt did not end'}
  const is = isUdp(target) ? nslookupSays(ran.output) : wgetSays(ran)
  if (is === 'left' && (isUdp(target) || ran.code === 0)) return {target, is, says: 'answered'}
  if (TIMED_OUT.includes(ran.code)) return {target, is: 'blocked', says: `no answer within ${seconds} s`}
  return {target, is, says: lastWords(ran, isUdp(target) ? 'nslookup' : 'wget')}
}

/**
 * How GNU wget ends (src/exits.c, "Exit Status" of its manual): 5 a certificate that does not convince, 6 a server that asks
 * who we are, 7 one that speaks something else, 8 one that answers with an error. BusyBox' ends with 1.
 */
const GNU_ANSWERED: readonly number[] = [5, 6, 7, 8]
/** No connection, no such name, or a connection that broke: its words tell which. */
const GNU_NETWORK = 4

const NOT_OUT =
  /(can't connect to remote host.*|failed: )(operation )?(timed out|.*unreachable|.*not permitted|no route)|timed out|bad address|unable to resolve/i
/** Somebody answered, if not with what was asked for. */
const ANSWERED = /server returned|HTTP\/1|not an http|TLS|SSL|bad header|short header|bad redirect|no data received|error getting response/i
/** A connection that was made, and broke, also by a time that ran out. */
const BROKE = /^read error/i

function wgetSays({code, output}: Ran): Attempt['is'] {
  if (code === 0 || GNU_ANSWERED.includes(code)) return 'left'
  const said = lastLine(output)
  if (code === GNU_NETWORK && said === '') return 'blocked'
  if (BROKE.test(said)) return 'left'
  return NOT_OUT.test(said) ? 'blocked' : ANSWERED.test(said) ? 'left' : 'unclear'
}

/** It names the server first, and then what that said, also that there is no such name. */
function nslookupSays(output: string): Attempt['is'] {
  if (/^Server:/m.test(output) && /^(Name:|\*\* server can't find|\*\*\* Can't find .*: No answer|Non-authoritative)/m.test(output))
    return 'left'
  return /timed out|no servers could be reached|not permitted|unreachable/i.test(output) ? 'blocked' : 'unclear'
}

function lastWords({code, output}: Ran, program: string): string {
  const said = lastLine(output).replace(/^(wget:|nslookup:|;;|\d{4}-\d\d-\d\d [\d:]{8}) */, '')
  return said === '' ? `${program} ended with ${code}` : said
}

const lastLine = (output: string): string => (output.trim().split('\n').at(-1) ?? '').trim()
