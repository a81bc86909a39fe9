import {join} from 'node:path'
import * as Flags from '@oclif/core/flags'
import type {Notebook} from './apply/noted.js'
import type {Hands} from './apply/stage.js'
import type {UpdateBooks} from './apply/update/books.js'
import {HomelabCommand, type Setting} from './base-command.js'
import {readEnvFile, type EnvFile} from './config/env-file.js'
import type {DiagnosedEngine} from './engine/engine.js'
import type {StackFiles} from './model/declared.js'
import {usageError} from './model/operator-error.js'
import type {OpenUpdate} from './model/update.js'
import {suggestions} from './plan/select.js'
import {cascadeMemory} from './state/cascade-memory.js'
import {stateFolder} from './state/folder.js'
import {openJournal} from './state/journal.js'
import {holderOf, withLock} from './state/lock.js'
import {operationId} from './state/operation-id.js'
import {pinsOf} from './state/pins.js'
import {rejectedImages} from './state/rejected.js'
import {transactions} from './state/transactions.js'

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
    const {createEngine} = await import('./engine/create-engine.js')
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
