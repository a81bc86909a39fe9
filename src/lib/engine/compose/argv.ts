import type {StackFiles} from '../../model/declared.js'
import type {LogOptions} from '../engine.js'

/** The argument lists of every run of Compose, as pure functions. Nothing here goes through a shell. */

/** With its project, where the files do not name it or it is known by now. */
type Named = StackFiles & {readonly project?: string | undefined}

const ALL_PROFILES = ['--profile', '*']

/** Where the files are. Relative paths in them are meant from the Compose folder, and `.env` is read there. */
function base(stack: Named, composeDir: string): string[] {
  const project = stack.project === undefined ? [] : ['--project-name', stack.project]
  return ['--project-directory', composeDir, ...project, ...stack.files.flatMap((file) => ['--file', file]), ...ALL_PROFILES]
}

export const config = (stack: Named, composeDir: string): string[] => [...base(stack, composeDir), 'config', '--format', 'json']

/** The names alone. */
export const services = (stack: Named, composeDir: string): string[] => [...base(stack, composeDir), 'config', '--services']

/** Hashes a resolved model that is given on stdin. */
export const hashes = (composeDir: string): string[] => ['--project-directory', composeDir, '--file', '-', ...ALL_PROFILES, 'config', '--hash', '*']

/**
 * The plan pulls what has to be pulled. Without this, `pull_policy: always` pulls at each creation: a way back would bring
 * the bad image again, and a cascade one that was never tried. What is built and missing is built all the same (measured,
 * Compose 2.26).
 */
const NO_PULL = ['--pull', 'never'] as const

/** `--no-deps`: the plan has the dependencies in its own order. What is named is what is touched. */
export function up(stack: Named, composeDir: string, services: readonly string[], force: boolean): string[] {
  const recreate = force ? ['--force-recreate'] : ['--no-recreate']
  return [...base(stack, composeDir), '--progress', 'plain', 'up', '--detach', '--no-deps', ...NO_PULL, ...recreate, ...services]
}

/** New containers, not started: when they may start is decided by the state of their gateway, not by Compose. */
export const replace = (stack: Named, composeDir: string, services: readonly string[]): string[] => [
  ...base(stack, composeDir),
  '--progress',
  'plain',
  'up',
  '--no-start',
  '--no-deps',
  ...NO_PULL,
  '--force-recreate',
  ...services,
]

export function logs(stack: Named, composeDir: string, services: readonly string[], options: LogOptions): string[] {
  return [
    ...base(stack, composeDir),
    'logs',
    ...(options.colour ? [] : ['--no-color']),
    ...(options.follow ? ['--follow'] : []),
    ...(options.lines === undefined ? [] : ['--tail', String(options.lines)]),
    ...services,
  ]
}

/** With Docker's time stamps, without colours: for machines. */
export function stampedLogs(stack: Named, composeDir: string, services: readonly string[], options: LogOptions): string[] {
  const args = logs(stack, composeDir, [], {...options, colour: false})
  return [...args, '--timestamps', ...services]
}
