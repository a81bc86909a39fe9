import {configurationError} from '../model/operator-error.js'

const PLAIN = /^[\w/.:@+,=-]+$/

/**
 * A value as one word of a unit file: `%` begins a specifier, backslash and quotes are escapes
 * (systemd.unit(5) "Specifiers", systemd.syntax(7) "Quoting").
 * @throws OperatorError (78) for a control character, which no path of a homelab needs and a line of a unit cannot hold.
 */
export function unitWord(value: string): string {
  if (/\p{Cc}/u.test(value)) throw configurationError(`${JSON.stringify(value)} holds a control character: systemd cannot be given it.`)
  return PLAIN.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`
}

/** What `unitWord` made a word of. */
export const readWord = (word: string): string =>
  word.startsWith('"') ? word.slice(1, -1).replaceAll('%%', '%').replace(/\\(.)/g, '$1') : word

/**
 * A command line for ExecStart=. `$` begins a variable in its arguments, yet not in the program's own path
 * (systemd.service(5) "Command lines").
 * @throws OperatorError (78) for a program with a quote or a backslash in its path: systemd starts none, however quoted.
 */
export function commandLine([program, ...words]: readonly [string, ...string[]]): string {
  if (/["'\\]/.test(program)) throw configurationError(`${program} has a quote or a backslash in its path: systemd does not start it.`)
  return [unitWord(program), ...words.map((word) => unitWord(word.replaceAll('$', '$$$$')))].join(' ')
}
