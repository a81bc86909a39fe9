import path from 'node:path'
import {readEnvFile} from '../config/env-file.js'
import type {DiagnosedEngine} from '../docker/engine.js'
import type {Notebook} from '../journal/recorder.js'
import type {ObservedContainer, ObservedStack} from '../model/container.js'
import {firewallSetting} from '../model/gateway-settings.js'
import {gatewaysOf, type DeclaredStack} from '../model/stack.js'
import {suggestions} from '../stack/select.js'
import {observeEach} from '../stack/status.js'
import {OperatorError, usageError} from '../util/errors.js'
import {portHands, type PortHands} from '../vpn/forwarded-port.js'
import {publishedAt, type ControlServer, isRead, readPorts} from '../vpn/gluetun.js'
import {portWish} from '../vpn/no-port.js'
import type {PortView} from '../vpn/tunnel-findings.js'
import {type TunnelMemory, rememberedTunnel} from '../vpn/tunnel-memory.js'
import {type TunnelMark, tunnelMark} from '../vpn/tunnel-switch.js'
import {StackCommand} from './stack-command.js'
import type {Setting} from '../config/homelab.js'

/** A VPN gateway, and how it is asked. */
export type Gateway = {
  readonly stack: DeclaredStack
  readonly observed: ObservedStack
  readonly name: string
  readonly container: ObservedContainer | undefined
  /** undefined: it publishes none. */
  readonly server: ControlServer | undefined
}

export type Vpn = {
  readonly setting: Setting
  readonly engine: DiagnosedEngine
  readonly worlds: readonly {readonly stack: DeclaredStack; readonly observed: ObservedStack}[]
  readonly gateways: readonly Gateway[]
  readonly failed: readonly {readonly stack: string; readonly error: OperatorError}[]
}

type VpnFlags = {readonly home?: string | undefined; readonly context?: string | undefined}

/** Commands about the VPN gateway. */
export abstract class VpnCommand extends StackCommand {
  static override usage = '<%= command.id %> [gateway]'

  /** @throws OperatorError (2) where no stack has a gateway, or none of that name. */
  protected async vpn(flags: VpnFlags, word: string | undefined, known?: Setting): Promise<Vpn> {
    const setting = known ?? (await this.setting(flags))
    const env = await readEnvFile(path.join(setting.composeDir, '.env'))
    const engine = await this.engine(setting, flags, env)
    const {worlds, failed} = await observeEach(setting.stacks, engine, this.signal)
    const apiKey = env.variables.GLUETUN_API_KEY || undefined
    const all = worlds.flatMap(({stack, observed}) =>
      gatewaysOf(stack).map((name): Gateway => {
        const container = observed.containers.get(name)
        const url = setting.configuration.vpn.control ?? (container && publishedAt(container))
        return {stack, observed, name, container, server: url === undefined ? undefined : {url, apiKey}}
      }),
    )
    const [broken] = failed
    if (all.length === 0 && broken !== undefined) throw broken.error
    if (all.length === 0)
      throw usageError('No stack has a VPN gateway.', ['A service is behind one that says "network_mode: service:<gateway>"'])
    return {setting, engine, worlds, failed, gateways: word === undefined ? all : [named(all, word)]}
  }

  /** The one that is meant. @throws OperatorError (2) if there are several, and none was named. */
  protected only({gateways}: Vpn): Gateway {
    const [one, ...others] = gateways
    if (one !== undefined && others.length === 0) return one
    throw usageError('Which gateway?', [`There are: ${gateways.map(({name}) => name).join(', ')}`])
  }

  /** Why its tunnel may not be taken down, in words; undefined: nothing speaks against it. */
  protected openFirewall({container, stack, name}: Gateway): string | undefined {
    const firewall = firewallSetting(container?.settings ?? stack.services.get(name)?.settings ?? new Map<string, string>())
    return firewall === undefined || firewall.on ? undefined : `the firewall of ${name} is off (${firewall.name} is ${firewall.value})`
  }

  /** That this command takes the gateway's tunnel down. */
  protected markOf({stack, name}: Gateway, {setting}: Vpn): TunnelMark {
    return tunnelMark(this.stateFolder(setting), {stack: stack.name, gateway: name, doing: this.typed}, () => new Date())
  }

  /** What the watcher has found out about a gateway's tunnel; nothing, where that may not be read. */
  protected remembered(setting: Setting): (stack: string, gateway: string) => Promise<TunnelMemory> {
    return rememberedTunnel(this.stateFolder(setting))
  }

  /** "homelab vpn reconnect" */
  protected get typed(): string {
    return `homelab ${(this.id ?? '').replaceAll(':', ' ')}`
  }

  /** @throws OperatorError if it publishes none. */
  protected serverOf({server, container, name, stack}: Gateway): ControlServer {
    if (server !== undefined) return server
    if (container === undefined) throw new OperatorError(`${name} has no container.`, {next: [`homelab stack ${stack.name} up ${name}`]})
    throw new OperatorError(`${name} publishes no control server to this machine.`, {
      next: [
        'Publish its port 8000 to this machine alone: "127.0.0.1:8000:8000"',
        'or say where it is, in homelab.yml: vpn: {control: "http://127.0.0.1:8000"}',
      ],
    })
  }
}

function named(all: readonly Gateway[], word: string): Gateway {
  const found = all.find(({name, stack}) => name === word || `${stack.name}/${name}` === word)
  if (found !== undefined) return found
  throw usageError(
    `There is no gateway "${word}".`,
    suggestions(
      word,
      all.map(({name}) => name),
      'Gateways',
    ),
  )
}

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
