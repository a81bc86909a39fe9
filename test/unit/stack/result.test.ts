import {describe, expect, it} from 'vitest'
import {endingOf} from '../../../src/lib/stack/result.js'
import type {StepOutcome, Action} from '../../../src/lib/model/plan.js'

const outcome = (action: Action, target: string, result: StepOutcome['result'] = 'done', message?: string): StepOutcome => ({
  step: {action, target, reason: '', needs: []},
  result,
  seconds: 0,
  message,
  error: undefined,
})
const end = (...outcomes: StepOutcome[]) => endingOf({verb: 'up', outcomes, changes: [], updates: []})
const ill = outcome('wait', 'gluetun', 'failed', 'gluetun is not healthy after 60 s.')
const created = outcome('create', 'gluetun')

describe('endingOf', () => {
  it.each([
    ['done', '1 step done', [created]],
    ['unhealthy', '1 step done; gluetun is not healthy after 60 s.', [created, ill]],
    ['failed', '1 step done, 2 not; gluetun is not healthy after 60 s.', [created, ill, outcome('create', 'sonarr', 'skipped')]],
    ['failed', '0 steps done, 1 not; pull sonarr failed', [outcome('pull', 'sonarr', 'failed')]],
    ['cancelled', 'cancelled; 1 step done, 2 not', [created, ill, outcome('create', 'sonarr', 'cancelled')]],
  ])('%s: %s', (result, summary, outcomes) => expect(end(...outcomes)).toEqual({result, summary}))

  it('counts the new images of an update', () => {
    const change = {service: 'sonarr', image: '', from: '', to: '', fromVersion: undefined, toVersion: undefined}
    const summaries = [[], [change]].map((changes) => endingOf({verb: 'update', outcomes: [created], changes, updates: []}).summary)
    expect(summaries).toEqual(['no image changed, 1 step done', '1 service on a new image, 1 step done'])
  })
})
