import {OperatorError} from '../util/errors.js'
import type {Program} from '../util/subprocess.js'
import {UNIT} from './unit.js'

/** What systemd says of a unit, in its own words: systemctl(1), systemd.unit(5). */
export type UnitState = {
  /** "loaded"; "not-found": systemd knows no file of it. */
  readonly load: string
  /** "active", "activating", "failed", … */
  readonly active: string
  /** "running", "auto-restart", … */
  readonly sub: string
  /** Whether it starts with the machine: "enabled", "disabled", "". */
  readonly enabled: string
  /** Its file is newer than what systemd has read. */
  readonly stale: boolean
  /** ISO 8601: since when it is in this state; undefined if it never was in another. */
  readonly since: string | undefined
  /** How often systemd started it again by itself. */
  readonly restarts: number
  /** 0: none. */
  readonly mainPid: number
  /** How it ended last: "success", "exit-code", "watchdog", … */
  readonly result: string
  /** The last exit code, or the number of the signal that ended it. */
  readonly exitStatus: number
  /** What the watcher says it does. */
  readonly says: string
}

const PROPERTIES = [
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'NeedDaemonReload',
  'StateChangeTimestamp',
  'NRestarts',
  'MainPID',
  'Result',
  'ExecMainStatus',
  'StatusText',
]

/** Seconds. It waits for nothing. */
const QUESTION_S = 60

/** Asks about a unit that need not exist. @throws OperatorError (1) if systemd does not answer. */
export const unitState = async (run: Program): Promise<UnitState> =>
  parseUnitState(await systemctl(run, ['show', UNIT, `--property=${PROPERTIES.join(',')}`], QUESTION_S))

/** @param text What `systemctl show` writes with TZ=UTC: a property a line, key=value; missing ones count as empty. */
export function parseUnitState(text: string): UnitState {
  const lines = text.split('\n').map((line) => /^([A-Za-z]+)=(.*)$/.exec(line))
  const read = new Map(lines.flatMap((match) => (match ? [[match[1] ?? '', match[2] ?? '']] : [])))
  const word = (name: string): string => read.get(name) ?? ''
  return {
    load: word('LoadState'),
    active: word('ActiveState'),
    sub: word('SubState'),
    enabled: word('UnitFileState'),
    stale: word('NeedDaemonReload') === 'yes',
    since: isoTime(word('StateChangeTimestamp')),
    restarts: Number(word('NRestarts')),
    mainPid: Number(word('MainPID')),
    result: word('Result'),
    exitStatus: Number(word('ExecMainStatus')),
    says: word('StatusText'),
  }
}

/** "Sun 2026-11-22 12:00:00 UTC" (systemd.time(7)). */
function isoTime(text: string): string | undefined {
  const [, day, time] = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(text) ?? []
  return day === undefined ? undefined : `${day}T${time}Z`
}

/** Seconds. systemctl waits for a stop and a start: longer than TimeoutStopSec= and TimeoutStartSec= together. */
const LIMIT_S = 1_800

/** @returns what it wrote. @throws OperatorError (1), with systemd's own words as its detail. */
export async function systemctl(run: Program, args: readonly string[], seconds = LIMIT_S): Promise<string> {
  const {code, stdout, stderr} = await run('systemctl', args, seconds)
  if (code === 0) return stdout
  // `enable` tells there what it has done, too.
  const [first = `it ended with ${code}`] = stderr.split('\n').filter((line) => line !== '' && !/^(Created symlink|Removed) /.test(line))
  throw new OperatorError(`systemctl ${args.join(' ')}: ${first}`, {
    next: [`See why: journalctl -u ${UNIT} -n 50`, 'When that is mended, type the same command again.'],
    detail: stderr,
  })
}
