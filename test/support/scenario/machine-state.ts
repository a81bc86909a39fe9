import {execa} from 'execa'
import {docker} from './docker.js'

/** What a second daemon in the network of the first one spoils: it resets the chains that both take for theirs. */
export type MachineState = Readonly<Record<'firewall' | 'routes' | 'rules' | 'interfaces' | 'networks', readonly string[]>>

/** A network of this machine's Docker with one published port in it. */
export type Witness = {
  state(): Promise<MachineState>
  /** What is said through its published port. */
  answer(): Promise<string>
  remove(): Promise<void>
}

/** @param image Of the stand-in that answers on 8989. */
export async function startWitness(name: string, image: string, subnet: string): Promise<Witness> {
  const remove = async (): Promise<void> => {
    await execa('docker', ['rm', '--force', name], {reject: false})
    await execa('docker', ['network', 'rm', name], {reject: false})
    await execa('docker', ['rmi', image], {reject: false})
  }
  try {
    const id = await docker('network', 'create', '--subnet', subnet, name)
    await docker('run', '--detach', '--quiet', '--name', name, '--network', name, '--publish', '127.0.0.1::8989', image)
    const published = (await docker('port', name, '8989')).trim()
    const own = {name, bridge: `br-${id.slice(0, 12)}`, prefix: subnet.replace(/\d+\/\d+$/, '')}
    const answer = async (): Promise<string> => (await fetch(`http://${published}/`, {signal: AbortSignal.timeout(3000)})).text()
    return {state: () => stateBeside(own), answer, remove}
  } catch (error) {
    await remove()
    throw error
  }
}

/** Without what belongs to other runs and other users of this Docker, which comes and goes. */
async function stateBeside(own: {readonly name: string; readonly bridge: string; readonly prefix: string}): Promise<MachineState> {
  const isOurs = (line: string): boolean => line.includes(own.bridge) || line.includes(own.prefix)
  const isOfOthers = (line: string): boolean => /br-[0-9a-f]{12}|veth|\d\/32\b/.test(line)
  const seen = async (...[program = '', ...args]: string[]): Promise<string[]> => {
    const {stdout} = await execa(program, args)
    return stdout.split('\n').filter((line) => isOurs(line) || !isOfOthers(line))
  }
  const [firewall, routes, rules, interfaces, networks] = await Promise.all([
    seen('iptables-save'),
    seen('ip', 'route'),
    seen('ip', 'rule'),
    seen('ip', '-o', 'link'),
    seen('docker', 'network', 'ls', '--no-trunc', '--format', '{{.Name}} {{.ID}}'),
  ])
  return {
    // Its comments hold the time, and a chain its counters.
    firewall: firewall.filter((line) => !line.startsWith('#')).map((line) => line.replace(/ \[\d+:\d+\]$/, '')),
    routes,
    rules,
    interfaces: interfaces.map((line) => line.split(':')[1]?.trim() ?? ''),
    networks: networks.filter((line) => /^(bridge|host|none) /.test(line) || line.startsWith(`${own.name} `)),
  }
}
