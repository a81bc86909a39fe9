import type {Notebook} from './apply/noted.js'
import {OperatorError} from './model/operator-error.js'
import {VpnCommand} from './vpn-command.js'
import {portHands, type PortHands} from './vpn-port.js'
import {portWish} from './vpn/no-port.js'
import type {PortView} from './vpn/port-findings.js'
import {isRead} from './vpn/reading.js'
import {readPorts} from './vpn/tunnel.js'

type PortFlags = {readonly home?: string | undefined; readonly context?: string | undefined}

type Port = {
  readonly stack: string
  readonly gateway: string
  readonly hands: PortHands
  readonly view: PortView
  readonly notebook: Notebook
}

/** Commands about the forwarded port. */
export abstract class PortCommand extends VpnCommand {
  /** @throws OperatorError if the gateway does not run, or there is no qBittorrent behind it. */
  protected async port(flags: PortFlags, word: string | undefined): Promise<Port> {
    const vpn = await this.vpn(flags, word)
    const gateway = this.only(vpn)
    const {container, stack, name} = gateway
    if (container?.state !== 'running') throw new OperatorError(`${name} does not run.`, {next: [`homelab stack ${stack.name} up ${name}`]})
    const server = this.serverOf(gateway)
    const hands = portHands(stack, container, vpn.engine, this.signal)
    if (hands === undefined)
      throw new OperatorError(`There is no qBittorrent behind ${name}.`, {next: [`homelab stack ${stack.name} status`]})
    const patience = {signal: this.signal, limit: vpn.setting.configuration.vpn.timeout * 1000}
    const [forwarded, preferences] = await Promise.all([readPorts(server, patience), hands.client.preferences()])
    const [port] = isRead(forwarded) ? forwarded.value : []
    const settings = container.settings ?? stack.services.get(name)?.settings ?? new Map<string, string>()
    const wish = portWish(settings, await this.remembered(vpn.setting)(stack.name, name), container.startedAt, Date.now())
    const listens = port === undefined ? undefined : hands.listens(port)
    return {
      stack: stack.name,
      gateway: name,
      hands,
      notebook: {...this.notebook(vpn.setting), signal: this.signal},
      view: {forwarded, preferences, listens, tunnel: hands.tunnel, wish},
    }
  }
}
