import {join} from 'node:path'
import type {CascadeHands, CascadeOrder} from './apply/cascade/hands.js'
import type {Setting} from './base-command.js'
import {readEnvFile} from './config/env-file.js'
import {gatewaysOf, type DeclaredStack, type StackFiles} from './model/declared.js'
import {exitCode, OperatorError, usageError} from './model/operator-error.js'
import type {Notifier} from './model/notification.js'
import {suggestions} from './plan/select.js'
import {StackCommand} from './stack-command.js'

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
