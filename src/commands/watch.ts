import path from 'node:path'
import * as Args from '@oclif/core/args'
import {CascadeCommand} from '../lib/cli/stack-command.js'
import {readEnvFile} from '../lib/config/env-file.js'
import type {StackFiles} from '../lib/model/stack.js'
import {steadyClock} from '../lib/model/clock.js'
import type {Log} from '../lib/model/log.js'
import {exitCode} from '../lib/util/errors.js'
import {pinsFileName} from '../lib/model/image.js'
import {watcherMail} from '../lib/notify/create.js'
import {logLines} from '../lib/ui/log-lines.js'
import {logReporter} from '../lib/ui/progress.js'
import {assembleWatchers, vpnOf, type WatchedVpn} from '../lib/watch/daemon.js'
import {service, systemdNotifier, watchdogMs} from '../lib/watch/systemd-notify.js'
import {supervise} from '../lib/watch/supervisor.js'
import {fileSource} from '../lib/watch/file-source.js'
import type {VpnSource} from '../lib/watch/gateway-cache.js'
import type {Setting} from '../lib/config/homelab.js'

export default class Watch extends CascadeCommand {
  static override enableJsonFlag = false
  static override summary =
    'Keep the homelab well for months: bring back what a gateway left behind, apply updates that are announced, keep the tunnel and its forwarded port. For systemd.'
  static override usage = '<%= command.id %> [cascade|updates|vpn]'
  static override examples = ['homelab watch', 'homelab watch cascade', 'homelab watch updates', 'homelab watch vpn']
  static override args = {
    watcher: Args.string({description: 'Only this watcher; otherwise every one there is.', options: ['cascade', 'updates', 'vpn']}),
  }

  // A log that nobody reads any more is no reason to leave services cut off.
  protected override readonly outlivesTerminal = true

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Watch)
    const only = args.watcher as 'cascade' | 'updates' | 'vpn' | undefined
    const setting = await this.setting(flags)
    const log = logLines(this.terminal(flags), setting.environment.JOURNAL_STREAM !== undefined, () => new Date())
    const mail = watcherMail({setting, folder: this.stateFolder(setting), log, signal: this.signal})
    const {notifier} = mail
    const onWait = (holder: string): void => log.info(`waiting for ${holder}`)
    const hands = () => this.cascadeHands(setting, {context: flags.context, onWait}, notifier)
    // A configuration that is wrong is told here, before anything is promised: systemd does not restart on its exit code.
    const onRefused = (): void => undefined // Its watcher says so, and tries again.
    if (only === 'cascade') await this.gatewayStacks({onRefused}, setting, await hands())
    const vpns = only === 'cascade' ? [] : await this.vpns(setting, flags, log)
    let turned = (): void => undefined
    const clock = steadyClock(Date.now)
    const {watchers, pulses, listens} = assembleWatchers({
      setting,
      folder: this.stateFolder(setting),
      only,
      vpns,
      log,
      notifier,
      reporter: (stack) => logReporter(stack, log),
      hands,
      now: Date.now,
      clock,
      onTurn: () => turned(),
    })
    const systemd = systemdNotifier(setting.environment, {pid: process.pid, log})
    const told = service({systemd, watchdog: watchdogMs(setting.environment), pulses, listens, now: clock, signal: this.signal})
    turned = () => told.turned()
    log.info(`watching ${watchers.map(({name}) => name).join(', ')}`)
    await supervise([...watchers, mail.watcher], log, this.signal, Date.now)
    await told.close()
    log.info('stopped')
    process.exitCode = this.stoppedBy === 'SIGINT' ? exitCode.cancelled : exitCode.done
  }

  /** The stacks that have a gateway, or may have one: every stack is read for that. @throws OperatorError if none can be read. */
  private async vpns(setting: Setting, flags: {context?: string | undefined}, log: Log): Promise<WatchedVpn[]> {
    const looks = await Promise.allSettled(
      setting.stacks.map(async (files): Promise<WatchedVpn> => {
        const source = this.vpnSource(files, setting, flags, log)
        return {stack: files.name, vpn: vpnOf((await source()).stack), source}
      }),
    )
    const read = looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []))
    const [refused] = looks.flatMap((look) => (look.status === 'rejected' ? [look.reason as Error] : []))
    if (read.length === 0 && refused !== undefined) throw refused
    const later = setting.stacks.filter((_, index) => looks[index]?.status === 'rejected')
    return [
      ...read.filter(({vpn}) => vpn !== undefined && vpn.gateways.length > 0),
      ...later.map((files) => ({stack: files.name, vpn: undefined, source: this.vpnSource(files, setting, flags, log)})),
    ]
  }

  private vpnSource(files: StackFiles, setting: Setting, flags: {context?: string | undefined}, log: Log): VpnSource {
    const envFile = path.join(setting.composeDir, '.env')
    return fileSource({
      files: [...files.files, path.join(setting.composeDir, pinsFileName(files.name)), envFile],
      log,
      read: async () => {
        const env = await readEnvFile(envFile)
        const engine = await this.engine(setting, flags, env)
        const stack = await engine.declare(files, new AbortController().signal)
        return {engine, stack, apiKey: env.variables.GLUETUN_API_KEY || undefined}
      },
    })
  }
}
