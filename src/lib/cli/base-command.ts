import {setMaxListeners} from 'node:events'
import path from 'node:path'
import {Command} from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import {findHome, type Environment} from '../config/environment.js'
import {loadConfiguration} from '../config/load.js'
import {findStacks} from '../config/stacks.js'
import {exitCode, OperatorError, isMistake, outOfFiles} from '../util/errors.js'
import {onLostReader} from '../ui/lost-reader.js'
import {parserError, RESERVED} from './command-line.js'
import type {Terminal} from '../ui/palette.js'
import {errorJson} from '../ui/error.js'
import type {Setting} from '../config/homelab.js'

/** Global flags, the composition root, signals, and how an error becomes an exit code. */
export abstract class HomelabCommand extends Command {
  static override enableJsonFlag = true

  static override baseFlags = {
    home: Flags.directory({summary: 'The folder of the homelab.', env: 'HOMELAB_HOME', helpGroup: 'GLOBAL'}),
    context: Flags.string({summary: 'The Docker context to work on.', helpGroup: 'GLOBAL'}),
    color: Flags.boolean({summary: 'Colours; also off with NO_COLOR.', allowNo: true, default: true, helpGroup: 'GLOBAL'}),
    verbose: Flags.boolean({summary: "With each error, Docker's own words.", helpGroup: 'GLOBAL'}),
  }

  /** Fires at the first Ctrl-C or SIGTERM; the second one ends the process at once. */
  private readonly stopping = new AbortController()

  /** The signal that `signal` fired for. */
  protected stoppedBy: NodeJS.Signals | undefined

  /** Goes on when nobody reads its output any more. */
  protected readonly outlivesTerminal: boolean = false

  /** What must not be left half done, in words, while there is such a thing: a second Ctrl-C waits for it, too. */
  protected unfinished: string | undefined

  protected get signal(): AbortSignal {
    return this.stopping.signal
  }

  /** What the program was started with. */
  protected get environment(): Environment {
    return process.env
  }

  override async init(): Promise<void> {
    await super.init()
    // Every question to Docker listens to it, and many are asked at once; Node takes eleven for a leak.
    setMaxListeners(0, this.stopping.signal)
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => this.stop(name))
    // An SSH session that drops takes the terminal away, not the work: half a restart is worse than an unseen one.
    process.on('SIGHUP', () => {
      if (!this.outlivesTerminal) this.stop('SIGHUP')
    })
    onLostReader((error) => this.lostReader(error))
  }

  /** @throws OperatorError (78) if configuration or Compose folder are wrong. */
  protected async setting(flags: {home?: string | undefined}): Promise<Setting> {
    const environment = this.environment
    const home = findHome(flags.home, environment, this.config.root)
    const configuration = await loadConfiguration(home.configFile)
    const composeDir = path.resolve(home.folder, configuration.compose)
    return {environment, home, configuration, composeDir, stacks: await findStacks(composeDir, configuration, RESERVED)}
  }

  /** What our output may look like. */
  protected terminal(flags: {color?: boolean}): Terminal {
    const colour = flags.color !== false && !process.env.NO_COLOR && process.stdout.isTTY && process.env.TERM !== 'dumb'
    const interactive = process.stdout.isTTY && process.env.TERM !== 'dumb'
    return {interactive, colour, width: interactive ? process.stdout.columns : Infinity, write: (text) => this.log(text)}
  }

  protected override toErrorJson(error: unknown): unknown {
    return errorJson(error)
  }

  protected override async catch(error: Error & {exitCode?: number}): Promise<unknown> {
    // The stack of what we expected helps nobody; main.ts tells it, and of a bug everything.
    const expected =
      error instanceof OperatorError
        ? error
        : ((isMistake(error) ? undefined : this.cancelled()) ??
          outOfFiles(error) ??
          parserError(error, Object.keys({...this.ctor.baseFlags, ...this.ctor.flags})))
    if (expected !== undefined) expected.stack = `${expected.name}: ${expected.message}`
    // Words that could not be parsed were parsed as far as oclif's warning is concerned.
    this.parsed = true
    return super.catch(expected ?? error)
  }

  /** What a question throws that was cut short by Ctrl-C. */
  private cancelled(): OperatorError | undefined {
    return this.signal.aborted ? new OperatorError('Cancelled.', {exitCode: exitCode.cancelled}) : undefined
  }

  /** `| head`, a full disk, a terminal that is gone. */
  private lostReader(error: NodeJS.ErrnoException): void {
    if (!this.outlivesTerminal) process.exit(error.code === 'EPIPE' ? exitCode.done : exitCode.failed)
  }

  private stop(name: NodeJS.Signals): void {
    const line = process.stderr.isTTY ? '\n' : ''
    if (this.stopping.signal.aborted && this.unfinished !== undefined) {
      process.stderr.write(`${line}${this.unfinished}\n`)
      return
    }
    if (this.stopping.signal.aborted) {
      process.stderr.write(`${line}Ended. If Docker Compose was at work, it brings its present container to an end by itself.\n`)
      process.exit(exitCode.cancelled)
    }
    this.stoppedBy = name
    this.stopping.abort()
    process.stderr.write(`${line}Stopping: what was begun is brought to an end. Once more ends at once.\n`)
  }
}
