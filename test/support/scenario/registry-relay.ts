import {createServer, connect} from 'node:net'
import {once} from 'node:events'
import path from 'node:path'
import type {PrivateDaemon} from '../../lab/private-daemon.js'
import type {Registry} from '../../lab/registry.js'

/** Runs where the private daemon does: its loopback has the port, this machine's end is the socket. */
const INSIDE = `
const {createServer, connect} = require('node:net')
createServer((client) => {
  const outside = connect(process.argv[1])
  for (const [one, other] of [[client, outside], [outside, client]]) one.on('error', () => other.destroy()).pipe(other)
}).listen(Number(process.argv[2]), '127.0.0.1')`

/** A registry of this machine, as a private daemon reaches it: on its own loopback, through a socket in the folder. */
export async function registryFor(daemon: PrivateDaemon, folder: string, real: Registry): Promise<{registry: Registry; close(): void}> {
  const [host = '', port = ''] = real.host.split(':')
  const socket = path.join(folder, 'registry.sock')
  const server = createServer((client) => {
    const registry = connect(Number(port), host)
    client.on('error', () => registry.destroy()).pipe(registry)
    registry.on('error', () => client.destroy()).pipe(client)
  })
  server.listen(socket)
  await once(server, 'listening')
  // It ends with the daemon's machine.
  void daemon.inNetwork([process.execPath, '-e', INSIDE, socket, port]).catch(() => undefined)
  return {
    registry: {host: `127.0.0.1:${port}`, stop: () => Promise.resolve(), push: (...what) => real.push(...what)},
    close: () => void server.close(),
  }
}
