import {createServer} from 'node:net'

/**
 * Claims a name among all test processes of this machine, for as long as this process lives.
 *
 * An abstract Unix socket (unix(7)): only one process can bind it, and the kernel releases it when that process ends, also
 * on SIGKILL. No file remains.
 * @returns False if another process, or this one, holds it.
 */
export function claim(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const holder = createServer((socket) => socket.destroy())
    holder.once('error', () => resolve(false))
    holder.listen(`\0homelab-test ${name}`, () => resolve(true))
    holder.unref()
  })
}
