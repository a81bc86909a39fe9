import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {failed, noted} from '../../../lib/journal/recorder.js'
import {OperatorError} from '../../../lib/util/errors.js'
import {palette} from '../../../lib/ui/palette.js'
import {PortCommand} from '../../../lib/cli/gateway-command.js'
import {syncPort} from '../../../lib/vpn/forwarded-port.js'
import {isRead} from '../../../lib/vpn/gluetun.js'

type SyncJson = {gateway: string; port: number; before?: number; changed: boolean; dryRun: boolean}

export default class VpnPortSync extends PortCommand {
  static override summary = 'Set the forwarded port in qBittorrent, and its interface away and back, and see that it listens there.'
  static override examples = ['homelab vpn port sync', 'homelab vpn port sync --dry-run']
  static override args = {gateway: Args.string({description: 'Which, if there are several.'})}
  static override flags = {'dry-run': Flags.boolean({summary: 'Print what would be done, and do nothing.'})}

  async run(): Promise<SyncJson> {
    const {args, flags} = await this.parse(VpnPortSync)
    const {stack, gateway, hands, view, notebook} = await this.port(flags, args.gateway)
    const {forwarded, preferences} = view
    const [port] = isRead(forwarded) ? forwarded.value : []
    if (port === undefined) throw noPort(isRead(forwarded) ? 'the provider has forwarded none' : forwarded.says)
    const before = isRead(preferences) ? preferences.value.port : undefined
    const json = {gateway, port, ...(before !== undefined && {before}), dryRun: flags['dry-run']}
    const terminal = this.terminal(flags)
    const colours = palette(terminal)
    if (flags['dry-run']) {
      terminal.write(`${hands.service}: port ${before ?? 'unknown'} would become ${port}, and its interface set away and back`)
      return {...json, changed: false}
    }
    const deed = {stack, verb: 'port', by: 'command', trigger: this.typed, action: 'set-port', target: hands.service} as const
    await noted(
      deed,
      notebook,
      () => syncPort({...hands, port, now: Date.now}, this.signal),
      (came) => ('error' in came ? failed(came.error) : {result: 'done', summary: `port ${before ?? 'unknown'} → ${port}`}),
    )
    terminal.write(`${colours.green('✓')} ${hands.service}: port ${before ?? 'unknown'} → ${port}, and it listens there`)
    return {...json, changed: before !== port}
  }
}

/** Never 0. */
const noPort = (why: string): OperatorError =>
  new OperatorError(`There is no port to set: ${why}. qBittorrent is left as it is.`, {
    next: ['homelab vpn reconnect', 'homelab vpn status'],
  })
