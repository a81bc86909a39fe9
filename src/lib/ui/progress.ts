import type {Log} from '../model/log.js'
import {silent, type Reporter, type StepOutcome, type Stage, type Step} from '../model/plan.js'
import type {Terminal} from './palette.js'
import {stageTitle, stepTitle} from './plan.js'
import {seconds} from './table.js'

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
  const {taskBoard} = await import('./task-list.js')
  const board = taskBoard(stacks, verb)
  return {reporter: (stack) => board.reporter(stack), done: board.shown}
}

/** For cron, systemd and pipes: one line an event, each with its time, nothing rewritten. */
export const plainReporter = (stack: string, write: (line: string) => void, now: () => Date): Reporter =>
  lineReporter((text) => write(`${now().toISOString()} ${stack}: ${text}`))

/** The same for a log: what failed is a warning. */
export const logReporter = (stack: string, log: Log): Reporter =>
  lineReporter((text, lost) => log[lost ? 'warn' : 'info'](`${stack}: ${text}`))

function lineReporter(line: (text: string, lost?: boolean) => void): Reporter {
  const announced = new Map<Step, string>()
  return {
    planned(plan) {
      plan.notes.forEach((note) => line(note))
      plan.stages.filter(isSlow).forEach((stage) => stage.forEach((step) => announced.set(step, stageTitle(stage))))
    },
    began(step) {
      const title = announced.get(step)
      if (title === undefined) return
      line(`${title} …`)
      for (const [other, own] of announced) if (own === title) announced.delete(other)
    },
    progress() {},
    ended: (outcome) => line(endedText(outcome), outcome.result === 'failed'),
    closed() {},
  }
}

/** Worth a line before it is over. */
const isSlow = (stage: Stage): boolean => stage.some(({action}) => action === 'wait' || action === 'pull')

function endedText({step, result, message, seconds: took}: StepOutcome): string {
  const what = `${stepTitle(step)}: ${result}`
  const details = [...(took >= 0.1 ? [seconds(took)] : []), ...(message === undefined ? [] : [message])]
  return details.length === 0 ? what : `${what} (${details.join('; ')})`
}
