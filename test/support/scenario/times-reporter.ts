import {mkdirSync, writeFileSync} from 'node:fs'
import {cpus} from 'node:os'
import path from 'node:path'
import type {Reporter, ReportedHookContext, TestCase, TestModule} from 'vitest/node'
import type {Occupation, Spent} from '../../lab/time-spent.js'
import {timesTable, type Timed} from './times-table.js'

/** How busy the machine has been until then: milliseconds of all processors together, since it was started. */
type Sample = {readonly at: number; readonly busy: number}

const SAMPLE_MS = 200

/**
 * `npm run scenarios -- --times`: where the time of the scenarios goes. Prints a table at the end, and keeps its figures in
 * .lab/times.json as they come, so that a run which is killed leaves those that it has.
 */
export default class TimesReporter implements Reporter {
  readonly #rows: Timed[] = []
  readonly #begun = new Map<string, number>()
  readonly #samples: Sample[] = []
  readonly #start = Date.now()
  #timer: NodeJS.Timeout | undefined

  onTestRunStart(): void {
    const sample = () => this.#samples.push({at: Date.now(), busy: busyMs()})
    sample()
    this.#timer = setInterval(sample, SAMPLE_MS)
  }

  onTestModuleStart(module: TestModule): void {
    this.#begun.set(module.id, Date.now())
  }

  onTestCaseResult(test: TestCase): void {
    const {startTime, duration} = test.diagnostic() ?? {startTime: 0, duration: 0}
    this.#keep({file: fileOf(test.module), what: test.fullName, kind: 'test'}, startTime, startTime + duration)
  }

  onHookStart(hook: ReportedHookContext): void {
    this.#begun.set(`${hook.entity.id} ${hook.name}`, Date.now())
  }

  onHookEnd({entity, name}: ReportedHookContext): void {
    const from = this.#begun.get(`${entity.id} ${name}`)
    const module = entity.type === 'module' ? entity : entity.module
    if ((name === 'beforeAll' || name === 'afterAll') && from !== undefined)
      this.#keep({file: fileOf(module), what: name, kind: name}, from, Date.now())
  }

  onTestModuleEnd(module: TestModule): void {
    this.#keep({file: fileOf(module), what: fileOf(module), kind: 'file'}, this.#begun.get(module.id) ?? Date.now(), Date.now())
    const spent = module.meta().timeSpent ?? []
    for (const row of this.#rows.filter(({file}) => file === fileOf(module))) row.on = shares(row, spent)
    mkdirSync('.lab', {recursive: true})
    writeFileSync('.lab/times.json', JSON.stringify(this.#rows))
  }

  onTestRunEnd(): void {
    clearInterval(this.#timer)
    console.log(timesTable(this.#rows, (Date.now() - this.#start) / 1000))
  }

  #keep(row: Pick<Timed, 'file' | 'what' | 'kind'>, from: number, to: number): void {
    const busy = this.#busyAt(to) - this.#busyAt(from)
    this.#rows.push({...row, from, to, cpu: Math.min(1, busy / cpus().length / Math.max(SAMPLE_MS, to - from)), on: {}})
  }

  #busyAt(moment: number): number {
    return (this.#samples.findLast(({at}) => at <= moment) ?? this.#samples[0])?.busy ?? 0
  }
}

const fileOf = (module: TestModule): string => path.basename(module.moduleId, '.test.ts')

/** Of all processors together, since the machine was started. */
const busyMs = (): number => cpus().reduce((sum, {times}) => sum + times.user + times.nice + times.sys + times.irq, 0)

/** Milliseconds of the row on each occupation; two at once count once. */
function shares({from, to}: Timed, spent: readonly Spent[]): Partial<Record<Occupation, number>> {
  const on: Partial<Record<Occupation, number>> = {}
  for (const occupation of ['homelab', 'docker', 'polling', 'lab'] as const) {
    const parts = spent.filter((one) => one.on === occupation && one.to > from && one.from < to).toSorted((a, b) => a.from - b.from)
    let [sum, until] = [0, from]
    for (const part of parts) {
      sum += Math.max(0, Math.min(part.to, to) - Math.max(part.from, until))
      until = Math.max(until, part.to)
    }
    if (sum > 0) on[occupation] = sum
  }
  return on
}
