import {renew} from '../update/step-handlers.js'
import {join} from 'node:path'
import * as Flags from '@oclif/core/flags'
import type {CascadeHands, CascadeOrder} from '../cascade/observe.js'
import {cascadeMemory} from '../cascade/state.js'
import {readEnvFile, type EnvFile} from '../config/env-file.js'
import {stateFolder} from '../config/environment.js'
import type {DiagnosedEngine} from '../docker/engine.js'
import {openJournal, operationId} from '../journal/journal.js'
import type {Notebook} from '../journal/recorder.js'
import type {Notifier} from '../model/notification.js'
import {type StackFiles, gatewaysOf, type DeclaredStack} from '../model/stack.js'
import {suggestions} from '../stack/select.js'
import type {Hands} from '../stack/step-handlers.js'
import {holderOf, withLock} from '../storage/lock.js'
import {pinsOf} from '../update/pins.js'
import {rejectedImages} from '../update/rejected.js'
import {transactions} from '../update/transaction-store.js'
import type {OpenUpdate, UpdateBooks} from '../model/update.js'
import {usageError, exitCode, OperatorError} from '../util/errors.js'
import {HomelabCommand} from './base-command.js'
import type {Setting} from '../config/homelab.js'

type HandsFlags = {
  readonly context?: string | undefined
  readonly wait?: number | undefined
  /** Told whom we wait for; otherwise stderr is. */
  readonly onWait?: (holder: string) => unknown
}

/** What the words of a `homelab stack` command mean. */
export type Chosen = {
  readonly setting: Setting
  /** One, or every stack for `all`. */
  readonly stacks: readonly StackFiles[]
  readonly all: boolean
  readonly services: readonly string[]
}

/** Commands about one stack, or `all`, and services of it. */
export abstract class StackCommand extends HomelabCommand {
  static override usage = '<%= command.id %> <stack|all> [service…]'

  /** @throws OperatorError (2) for a stack that does not exist, with the nearest names. */
  protected async choose(words: readonly string[], flags: {home?: string | undefined}): Promise<Chosen> {
    const setting = await this.setting(flags)
    const names = setting.stacks.map(({name}) => name)
    const [word, ...services] = words
    if (word === undefined) throw usageError('Which stack?', [`Stacks: ${[...names, 'all'].join(', ')}`])
    if (word === 'all') {
      if (services.length > 0)
        throw usageError('"all" takes no services.', ['Name the stack that they are in: homelab stack <stack> <verb> <service>'])
      return {setting, stacks: setting.stacks, all: true, services}
    }
    const found = setting.stacks.find(({name}) => name === word)
    if (found === undefined) throw usageError(`There is no stack "${word}".`, suggestions(word, [...names, 'all'], 'Stacks'))
    return {setting, stacks: [found], all: false, services}
  }

  /** @throws OperatorError (78) for what is wrong with `.env`. */
  protected async engine(setting: Setting, flags: {context?: string | undefined}, known?: EnvFile): Promise<DiagnosedEngine> {
    const env = known ?? (await readEnvFile(join(setting.composeDir, '.env')))
    const {createEngine} = await import('../docker/create.js')
    const context = flags.context ?? (setting.environment.DOCKER_HOST ? undefined : setting.configuration.context)
    return createEngine({environment: setting.environment, context, composeDir: setting.composeDir, env})
  }

  protected async hands(setting: Setting, flags: HandsFlags, env?: EnvFile): Promise<Hands> {
    const folder = this.stateFolder(setting)
    const onWait = flags.onWait ?? ((holder: string): boolean => process.stderr.write(`Waiting for ${holder} …\n`))
    const options = {wait: flags.wait ?? WAIT_S, signal: this.signal, onWait, now: () => new Date()}
    return {
      ...this.notebook(setting),
      engine: await this.engine(setting, flags, env),
      memory: cascadeMemory(folder),
      books: this.books(setting, folder),
      updateStep: renew,
      patience: {attempts: setting.configuration.updates.pull.attempts, backoffMs: setting.configuration.updates.pull.backoff * 1000},
      exclusively: (project, doing, work) => withLock(join(folder, 'locks', `${project}.lock`), {...options, doing, orFolder: true}, work),
    }
  }

  /** Where what is done is written down. */
  protected notebook(setting: Setting): Omit<Notebook, 'signal'> {
    return {
      now: Date.now,
      journal: openJournal(this.stateFolder(setting)),
      newOperation: () => operationId(new Date(), Math.random),
      warn: (text) => void process.stderr.write(`! ${text}\n`),
    }
  }

  private books(setting: Setting, folder: string): UpdateBooks {
    const say = (text: string): void => void process.stderr.write(`! ${text}\n`)
    return {
      pins: pinsOf(setting.composeDir),
      transactions: transactions(folder),
      rejected: rejectedImages(folder, {now: () => new Date(), log: {info: () => undefined, warn: say, error: say}}),
    }
  }

  /** An update of that project that has not come to its end. @throws OperatorError (78) if what was written down cannot be read. */
  protected async openUpdate(setting: Setting, project: string): Promise<OpenUpdate | undefined> {
    const folder = this.stateFolder(setting)
    const open = await transactions(folder).read(project)
    if (open === undefined) return undefined
    const {services, trigger, startedAt, phase} = open
    const holder = await holderOf(join(folder, 'locks', `${project}.lock`))
    return {services: services.map(({service}) => service), trigger, startedAt, phase, holder}
  }

  protected stateFolder(setting: Setting): string {
    return stateFolder(setting.environment, process.getuid?.() ?? 0)
  }
}

/** Seconds that a command waits for another one that works on its stack. */
const WAIT_S = 300

export const changingFlags = {
  wait: Flags.integer({
    summary: 'Seconds to wait for another homelab command that works on the stack.',
    min: 0,
    max: 86_400,
    helpValue: '<seconds>',
  }),
  'dry-run': Flags.boolean({summary: 'Print what would be done, and do nothing.'}),
  timeout: Flags.integer({summary: 'Seconds a service may take to become healthy.', min: 1, max: 86_400, helpValue: '<seconds>'}),
}

type CascadeFlags = {
  readonly context?: string | undefined
  readonly wait?: number | undefined
  readonly onWait?: (holder: string) => unknown
}

/** Commands about the stacks that have a gateway. */
export abstract class CascadeCommand extends StackCommand {
  /** What a cascade is carried out with; `.env` is read once for all of it. @throws OperatorError (78) for what is wrong with it. */
  protected async cascadeHands(setting: Setting, flags: CascadeFlags, notifier: Notifier): Promise<CascadeHands> {
    const env = await readEnvFile(join(setting.composeDir, '.env'))
    return {...(await this.hands(setting, flags, env)), notifier}
  }

  /**
   * The stacks that have a gateway, or the one that was named.
   * @param onRefused Is told of each stack that cannot be read, if another one can.
   * @throws OperatorError if there is none.
   */
  protected async gatewayStacks(
    {name, onRefused}: {name?: string | undefined; onRefused: (stack: string, error: Error) => unknown},
    setting: Setting,
    hands: CascadeHands,
  ): Promise<DeclaredStack[]> {
    const named = name === undefined ? setting.stacks : setting.stacks.filter((files) => files.name === name)
    if (named.length === 0) {
      const names = setting.stacks.map((files) => files.name)
      throw usageError(`There is no stack "${name}".`, suggestions(name ?? '', names, 'Stacks'))
    }
    const looks = await Promise.allSettled(named.map((files: StackFiles) => hands.engine.declare(files, this.signal)))
    const found = looks.flatMap((look) => (look.status === 'fulfilled' && gatewaysOf(look.value).length > 0 ? [look.value] : []))
    const refused = looks.flatMap((look, index) =>
      look.status === 'rejected' ? [{stack: named[index]?.name ?? '', error: look.reason as Error}] : [],
    )
    // A mistake of ours, or Docker that is away: of no stack in particular.
    const other = refused.find(({error}) => !(error instanceof OperatorError) || error.exitCode !== exitCode.configuration)
    const fatal = other ?? (found.length === 0 ? refused[0] : undefined)
    if (fatal !== undefined) throw fatal.error
    for (const {stack, error} of refused) onRefused(stack, error)
    if (found.length > 0) return found
    throw new OperatorError(
      `No service of ${named.map((files) => files.name).join(', ')} lives in the network of another one, so there is nothing to cascade.`,
      {
        next: ['A service does so by this line in its Compose file: network_mode: "service:<gateway>"'],
      },
    )
  }

  protected order(stack: DeclaredStack, setting: Setting, more: Pick<CascadeOrder, 'force' | 'by'>): CascadeOrder {
    return {stack, rules: setting.configuration.cascade, ...more}
  }
}
