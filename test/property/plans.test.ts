import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {verbOf} from '../../src/lib/stack/run.js'
import {UPDATES} from '../../src/lib/update/run.js'
import {isReady, isUp} from '../../src/lib/model/container.js'
import {stepsOf, type Plan, type Step, type ChangingVerb} from '../../src/lib/model/plan.js'
import type {World} from '../../src/lib/stack/snapshot.js'
import {anIntent, stageLines} from '../support/unit/plan-lines.js'
import {cases, healthyCases, withRegistry, type Case} from './arbitrary.js'

const ALL: readonly ChangingVerb[] = ['up', 'start', 'restart', 'update', 'pull', 'stop', 'down']
const LEAVING_RUNNING = ['up', 'start', 'restart', 'update'] as const
const RUNS = {numRuns: 300}

const STARTING = new Set(['create', 'recreate', 'start', 'restart'])
const starts = ({action}: Step): boolean => STARTING.has(action)

type Asked = Case & {
  readonly verb: ChangingVerb
  readonly noWait: boolean
  readonly force: boolean
  readonly plan: Plan
  readonly seen: World
}

const asked = (verbs: readonly ChangingVerb[]): fc.Arbitrary<Asked> =>
  fc.record({one: cases, verb: fc.constantFrom(...verbs), noWait: fc.boolean(), force: fc.boolean()}).map(({one, verb, noWait, force}) => {
    const seen = withRegistry(one)
    return {...one, verb, noWait, force, seen, plan: verbOf(verb, UPDATES).plan(seen, anIntent({services: one.services, noWait, force}))}
  })

/** What fast-check prints of a counterexample. */
const told = (one: Asked): string =>
  [
    one.verb,
    one.services.join(),
    ...[...one.seen.observed.containers.values()].map((c) => `${c.service} ${c.state} ${c.networkMode}`),
    ...stageLines(one.plan),
  ].join('\n')

const holds = (verbs: readonly ChangingVerb[], check: (one: Asked) => void): void =>
  fc.assert(
    fc.property(asked(verbs), (one) => {
      try {
        check(one)
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${told(one)}`, {cause: error})
      }
    }),
    RUNS,
  )

describe('every plan', () => {
  it('starts nobody before the stage in which its gateway is ready', () => {
    holds(LEAVING_RUNNING, ({plan, seen}) => {
      plan.stages.forEach((stage, at) => {
        for (const step of stage.filter(starts)) {
          const gateway = seen.stack.services.get(step.target)?.gateway
          if (gateway === undefined) continue
          const before = plan.stages
            .slice(0, at)
            .flat()
            .filter(({target}) => target === gateway)
          const untouched = !stepsOf(plan).some((other) => other.target === gateway && other.action !== 'pull' && other.action !== 'wait')
          const ready = untouched && isReady(seen.observed.containers.get(gateway))
          expect(ready || before.at(-1)?.action === 'wait', `${step.action} ${step.target}`).toBe(true)
        }
      })
    })
  })

  it('starts nobody before what it requires and what is treated, too', () => {
    holds(LEAVING_RUNNING, ({plan, seen}) => {
      const place = new Map(plan.stages.flatMap((stage, at) => stage.filter(starts).map(({target}) => [target, at] as const)))
      for (const [target, at] of place) {
        for (const {service} of seen.stack.services.get(target)?.dependsOn ?? []) expect(place.get(service) ?? -1).toBeLessThan(at)
      }
    })
  })

  it('has each service at most once per action, and never two containers’ changes of one service in a stage', () => {
    holds(ALL, ({plan}) => {
      const all = stepsOf(plan).map(({action, target}) => `${action} ${target}`)
      expect(all).toEqual([...new Set(all)])
      for (const stage of plan.stages) expect(new Set(stage.map(({target}) => target)).size).toBe(stage.length)
    })
  })

  it('names the container of each step that acts on one', () => {
    holds(ALL, ({plan}) => {
      const acting = stepsOf(plan).filter(({action}) => ['start', 'stop', 'restart', 'remove'].includes(action))
      expect(acting.filter(({container}) => container === undefined)).toEqual([])
    })
  })

  it('stops running dependents before their gateway is recreated, restarted or removed', () => {
    holds([...LEAVING_RUNNING, 'stop', 'down'], ({plan, seen}) => {
      const places = (action: string[], target: string): number[] =>
        plan.stages.flatMap((stage, at) => (stage.some((step) => action.includes(step.action) && step.target === target) ? [at] : []))
      for (const {name, gateway} of seen.stack.services.values()) {
        if (gateway === undefined || !isUp(seen.observed.containers.get(name))) continue
        const [ends] = places(['recreate', 'restart', 'stop', 'remove'], gateway)
        if (ends === undefined || seen.observed.containers.get(gateway)?.state === 'paused') continue
        const [stopped] = places(['stop', 'remove'], name)
        expect(stopped ?? Infinity, `${name} before ${gateway}`).toBeLessThan(ends)
      }
    })
  })

  it('touches nobody but those asked for, what they require and who lives behind them', () => {
    holds(['pull', 'stop', 'down'], ({plan, services, seen}) => {
      const allowed = new Set(
        services.flatMap((name) => [
          name,
          ...[...seen.stack.services.values()].filter(({gateway}) => gateway === name).map((dependent) => dependent.name),
        ]),
      )
      if (services.length > 0) expect(stepsOf(plan).filter(({target}) => !allowed.has(target))).toEqual([])
    })
  })
})

describe('a stack that runs as declared', () => {
  it.each(['up', 'start', 'update', 'pull'] as const)('gives %s nothing to do', (verb) => {
    fc.assert(
      fc.property(healthyCases, (one) => {
        const plan = verbOf(verb, UPDATES).plan(withRegistry({...one, newImages: [], unknown: []}), anIntent({services: one.services}))
        expect(plan.stages).toEqual([])
      }),
      RUNS,
    )
  })
})
