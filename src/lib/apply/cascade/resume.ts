import type {CascadeJob} from './hands.js'
import {withStack} from './hands.js'

/** Ends the pause that a restart loop brought, and begins to count anew. @returns Whether there was one. */
export function resumeCascades(job: CascadeJob): Promise<boolean> {
  const {hands, order} = job
  return withStack(job, async () => {
    const {pausedUntil, ...rest} = await hands.memory.read(order.stack.project)
    await hands.memory.write(order.stack.project, {...rest, cascades: []})
    return pausedUntil !== undefined && pausedUntil > hands.now()
  })
}
