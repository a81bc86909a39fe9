import {silent, type Reporter} from '../apply/report.js'
import {plainReporter} from './plain-reporter.js'
import type {Terminal} from './palette.js'

type Shown = {
  readonly reporter: (stack: string) => Reporter
  /** Ends when everything was drawn. */
  readonly done: Promise<void>
}

/** The reporters that fit the place we write to: live tasks for a person, dated lines for a log, nothing for --json. */
export async function reporters(
  stacks: readonly string[],
  verb: string,
  {terminal, quiet}: {terminal: Terminal; quiet: boolean},
): Promise<Shown> {
  if (quiet) return {reporter: () => silent, done: Promise.resolve()}
  if (!terminal.interactive) return {reporter: (stack) => plainReporter(stack, terminal.write, () => new Date()), done: Promise.resolve()}
  const {taskBoard} = await import('./task-reporter.js')
  const board = taskBoard(stacks, verb)
  return {reporter: (stack) => board.reporter(stack), done: board.shown}
}
