import {once} from 'node:events'
import type {Server} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'
import type {Log} from '../../model/log.js'
import type {Watcher} from '../supervise.js'

type ReceiverOptions = {
  /** A server for one address. */
  readonly serve: () => Server
  /** Where to listen, as it is now: the shared network may appear later. */
  readonly addresses: () => Promise<readonly string[]>
  readonly port: number
  readonly log: Log
  /** Milliseconds between two looks at the addresses. */
  readonly every: number
  /** Told when every address of now was tried. */
  readonly heard: () => void
}

/** Listens wherever it is to, for as long as the process runs; one address that cannot be had does not take the others down. */
export const receiverWatcher = (options: ReceiverOptions): Watcher => ({name: 'receiver', run: (signal) => run(options, signal)})

async function run({serve, addresses, port, log, every, heard}: ReceiverOptions, signal: AbortSignal): Promise<void> {
  const open = new Map<string, Server>()
  const said = new Map<string, string>()
  const say = (address: string, text: string, how: 'info' | 'warn'): void => {
    if (said.get(address) !== text) log[how](text)
    said.set(address, text)
  }
  while (!signal.aborted) {
    const wanted = await addresses()
    for (const [address, server] of open) if (!wanted.includes(address)) close(server, address, open)
    for (const address of wanted) {
      if (open.has(address)) continue
      try {
        const server = serve()
        await listen(server, address, port)
        open.set(address, server)
        server.once('close', () => open.delete(address))
        say(address, `announcements are taken at http://${address.includes(':') ? `[${address}]` : address}:${port}/`, 'info')
      } catch (error) {
        say(address, `announcements cannot be taken at ${address}:${port}, which is tried again: ${remedy(error)}`, 'warn')
      }
    }
    heard()
    await sleep(every, undefined, {signal}).catch(() => undefined)
  }
  for (const [address, server] of open) close(server, address, open)
}

async function listen(server: Server, address: string, port: number): Promise<void> {
  server.listen(port, address)
  await once(server, 'listening')
}

function close(server: Server, address: string, open: Map<string, Server>): void {
  open.delete(address)
  server.close()
  server.closeAllConnections()
}

function remedy(error: unknown): string {
  const {code, message} = error as NodeJS.ErrnoException
  return code === 'EADDRINUSE' ? `${message} (choose another port: WUD_WEBHOOK_PORT in compose/.env)` : message
}
