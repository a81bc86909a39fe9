import * as Args from '@oclif/core/args'
import {CascadeCommand} from '../lib/cascade-command.js'
import {exitCode} from '../lib/model/operator-error.js'
import {watcherMail} from '../lib/notifications.js'
import {logLines} from '../lib/ui/log-lines.js'
import {assembleWatchers} from '../lib/watch-setup.js'
import {service} from '../lib/watch/service.js'
import {supervise} from '../lib/watch/supervise.js'
import {systemdNotifier, watchdogMs} from '../lib/watch/systemd-notify.js'

export default class Watch extends CascadeCommand {
  static override enableJsonFlag = false
  static override summary =
    'Keep the homelab well for months: bring back what a gateway left behind, and apply updates that are announced. For systemd.'
  static override usage = '<%= command.id %> [cascade|updates]'
  static override examples = ['homelab watch', 'homelab watch cascade', 'homelab watch updates']
  static override args = {
    watcher: Args.string({description: 'Only this watcher; otherwise every one there is.', options: ['cascade', 'updates']}),
  }

  // A log that nobody reads any more is no reason to leave services cut off.
  protected override readonly outlivesTerminal = true

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Watch)
    const only = args.watcher as 'cascade' | 'updates' | undefined
    const setting = await this.setting(flags)
    const log = logLines(this.terminal(flags), setting.environment.JOURNAL_STREAM !== undefined, () => new Date())
    const mail = watcherMail({setting, folder: this.stateFolder(setting), log, signal: this.signal})
    const {notifier} = mail
    const onWait = (holder: string): void => log.info(`waiting for ${holder}`)
    const hands = () => this.cascadeHands(setting, {context: flags.context, onWait}, notifier)
    // A configuration that is wrong is told here, before anything is promised: systemd does not restart on its exit code.
    if (only === 'cascade') await this.gatewayStacks(undefined, setting, await hands())
    else await Promise.all(setting.stacks.map(async (files) => (await hands()).engine.declare(files, this.signal)))
    let turned = (): void => undefined
    const {watchers, pulses} = assembleWatchers({
      setting,
      folder: this.stateFolder(setting),
      only,
      log,
      notifier,
      hands,
      now: Date.now,
      onTurn: () => turned(),
    })
    const systemd = systemdNotifier(setting.environment, {pid: process.pid, log})
    const told = service({systemd, watchdog: watchdogMs(setting.environment), pulses, now: Date.now, signal: this.signal})
    turned = () => told.turned()
    log.info(`watching ${watchers.map(({name}) => name).join(', ')}`)
    await supervise([...watchers, mail.watcher], log, this.signal, Date.now)
    await told.close()
    log.info('stopped')
    process.exitCode = this.stoppedBy === 'SIGINT' ? exitCode.cancelled : exitCode.done
  }
}
