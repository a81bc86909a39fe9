import type {Log} from '../model/log.js'
import {type Terminal, palette} from './palette.js'

/** Syslog's levels, which systemd reads from the start of a line: sd-daemon(3). */
const LEVELS = {info: '<6>', warn: '<4>', error: '<3>'} as const

/** For journald its level before each line, and no time, which it has itself; otherwise the time and, on a terminal, colour. */
export function logLines(terminal: Terminal, journald: boolean, now: () => Date): Log {
  const colours = palette(terminal)
  const paint = {info: (text: string) => text, warn: colours.yellow, error: colours.red}
  const line = (level: keyof Log) => (text: string) =>
    text
      .split('\n')
      .forEach((part) => terminal.write(journald ? `${LEVELS[level]}${part}` : `${colours.dim(now().toISOString())} ${paint[level](part)}`))
  return {info: line('info'), warn: line('warn'), error: line('error')}
}
