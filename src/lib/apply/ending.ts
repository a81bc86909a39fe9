import {count} from '../model/count.js'
import type {OperationResult} from '../model/journal.js'
import type {StackResult} from './carry-out.js'
import type {StepOutcome} from './report.js'

type Result = Pick<StackResult, 'verb' | 'outcomes' | 'changes' | 'updates'>

/** How an operation ended, and that in one sentence. */
export function endingOf(result: Result): {result: OperationResult; summary: string} {
  const lost = result.outcomes.filter(({result: became}) => became !== 'done')
  const done = count(result.outcomes.length - lost.length, 'step')
  if (lost.some(({result: became}) => became === 'cancelled'))
    return {result: 'cancelled', summary: `cancelled; ${done} done, ${lost.length} not`}
  const back = result.updates.filter(({is}) => is === 'rolled-back')
  if (back.length > 0 && !result.updates.some(({is}) => is === 'stranded'))
    return {result: 'rolled-back', summary: back.map(({service, reason}) => `${service} went back to its old image: ${reason}`).join('; ')}
  const [failed] = lost.filter(({result: became}) => became === 'failed')
  if (failed === undefined) return {result: 'done', summary: success(result, done)}
  const why = failed.message ?? `${failed.step.action} ${failed.step.target} failed`
  if (lost.every(isWait)) return {result: 'unhealthy', summary: `${done} done; ${why}`}
  return {result: 'failed', summary: `${done} done, ${lost.length} not; ${why}`}
}

/** Then everything was done that there was to do, and only the waiting was in vain. */
const isWait = ({step}: StepOutcome): boolean => step.action === 'wait'

function success({verb, changes}: Result, done: string): string {
  if (verb !== 'update') return `${done} done`
  return `${changes.length > 0 ? `${count(changes.length, 'service')} on a new image` : 'no image changed'}, ${done} done`
}
