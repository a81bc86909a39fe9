import type {Reporter, StepOutcome} from '../apply/report.js'
import type {Stage, Step} from '../model/plan.js'
import {stageTitle, stepTitle} from './step-text.js'
import {seconds} from './text.js'

/** For cron, systemd and pipes: one line an event, each with its time, nothing rewritten. */
export function plainReporter(stack: string, write: (line: string) => void, now: () => Date): Reporter {
  const line = (text: string): void => write(`${now().toISOString()} ${stack}: ${text}`)
  const announced = new Map<Step, string>()
  return {
    planned(plan) {
      plan.notes.forEach(line)
      plan.stages.filter(isSlow).forEach((stage) => stage.forEach((step) => announced.set(step, stageTitle(stage))))
    },
    began(step) {
      const title = announced.get(step)
      if (title === undefined) return
      line(`${title} …`)
      for (const [other, own] of announced) if (own === title) announced.delete(other)
    },
    progress() {},
    ended: (outcome) => line(endedText(outcome)),
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
