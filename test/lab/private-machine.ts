import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {onlyChildOf} from './only-child.js'

/**
 * Namespaces of their own for network, mounts and processes, as a machine that has just booted: nothing but a loopback
 * interface, an empty /run, and a first process. When that one ends, the kernel kills all others and frees the rest.
 */
export type Machine = {
  /** Its first process, as the machine around it numbers it. */
  readonly pid: number
  cut(): Promise<void>
}

/** Collects orphans, as a first process must: a daemon waits for its killed containers to be gone. */
const FIRST_PROCESS = `
mount -t tmpfs tmpfs /run
ip link set lo up
echo up
while :; do sleep 3600 & wait; done`

/** @throws Error if this process may not make namespaces. */
export async function openMachine(): Promise<Machine> {
  const unshare = ['unshare', '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
  // It ends with the tests, also when those are killed.
  const argv = ['--pdeathsig', 'KILL', ...unshare, 'sh', '-ec', FIRST_PROCESS]
  const child = spawn('setpriv', argv, {stdio: ['ignore', 'pipe', 'pipe'], detached: true})
  const [said] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown]
  if (String(said) !== 'up\n') throw new Error(`no namespaces for a private daemon: ${String(child.stderr.read() ?? said)}`)
  const pid = await onlyChildOf(child.pid)
  const cut = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    process.kill(pid, 'SIGKILL')
    await ended
  }
  return {pid, cut}
}

/** Arguments of nsenter: what follows runs in there. */
export const inside = ({pid}: Machine): string[] => ['--target', String(pid), '--net', '--mount', '--pid', '--']
