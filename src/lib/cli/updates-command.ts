import {observeEach} from '../stack/status.js'
import type {Log} from '../model/log.js'
import {usageError} from '../util/errors.js'
import type {OpenUpdate, ServiceOverview} from '../model/update.js'
import {overview, type Overview} from '../update/overview.js'
import {lostEntries, rulesFor} from '../update/policy.js'
import {suggestions} from '../stack/select.js'
import {StackCommand} from './stack-command.js'
import {openJobs} from '../update/queue/jobs.js'
import {updatesPause, type UpdatesPause} from '../update/pause.js'
import type {Setting} from '../config/homelab.js'

type OverviewFlags = {readonly home?: string | undefined; readonly context?: string | undefined; readonly wait?: number | undefined}

/** Commands about the updates of all stacks. */
export abstract class UpdatesCommand extends StackCommand {
  protected pauseOf(setting: Setting): UpdatesPause {
    return updatesPause(this.stateFolder(setting), {now: () => new Date(), log: this.warnings()})
  }

  /** Asks the registries, all at once. @param told Told before: it may take some seconds. */
  protected async overview(flags: OverviewFlags, told: (images: number) => void = () => undefined): Promise<Overview> {
    const setting = await this.setting(flags)
    const hands = await this.hands(setting, flags)
    const jobs = openJobs(this.stateFolder(setting), {now: () => new Date(), log: this.warnings()})
    const {worlds, failed} = await observeEach(setting.stacks, hands.engine, this.signal)
    const stacks = worlds.map(({stack}) => stack)
    for (const {says, hint} of lostEntries(
      setting.configuration.updates,
      stacks,
      setting.stacks.map(({name}) => name),
    ))
      this.warnings().warn(hint === undefined ? says : `${says}. ${hint}`)
    told(stacks.flatMap(({services}) => [...services.values()].filter(({image, built}) => image !== undefined && !built)).length)
    const [known, rejected, paused, ...observed] = await Promise.all([
      jobs.all(),
      hands.books.rejected.list(),
      this.pauseOf(setting).read(),
      ...stacks.map((stack) => hands.engine.observe(stack, {images: true, registries: [...stack.services.keys()]}, this.signal)),
    ])
    const services = stacks.flatMap((stack, index) => {
      const seen = observed[index]
      const rules = (service: string) =>
        rulesFor(setting.configuration.updates, stack.name, service, stack.services.get(service)?.labels ?? new Map())
      return seen === undefined ? [] : overview({stack, observed: seen}, {jobs: known, rejected, paused, rules, now: hands.now()})
    })
    const open = new Map<string, OpenUpdate>()
    for (const {name, project} of stacks) {
      const update = await this.openUpdate(setting, project)
      if (update !== undefined) open.set(name, update)
    }
    return {setting, hands, jobs, stacks, services, paused, open, failed}
  }

  private warnings(): Log {
    const say = (text: string): void => void process.stderr.write(`! ${text}\n`)
    return {info: () => undefined, warn: say, error: say}
  }
}

/** Those that were named, as "sonarr" or "torrent/sonarr". @throws OperatorError (2) for a name that no service has, or several. */
export function namedServices(all: readonly ServiceOverview[], words: readonly string[]): ServiceOverview[] {
  return words.map((word) => {
    const found = all.filter(({stack, service}) => word === service || word === `${stack}/${service}`)
    const [only] = found
    if (only !== undefined && found.length === 1) return only
    const names = all.map(({stack, service}) => `${stack}/${service}`)
    if (only === undefined) throw usageError(`No service "${word}" was created.`, suggestions(word, names, 'Services'))
    throw usageError(`Several stacks have a service "${word}".`, [
      `Name its stack: ${found.map(({stack}) => `${stack}/${word}`).join(' or ')}`,
    ])
  })
}
