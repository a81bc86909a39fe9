import {createServer} from 'node:net'
import {claim} from './claims.js'

/** Below the ports that the kernel gives to outgoing connections (ip_local_port_range, 32768 and up by default). */
const FIRST = 11_000
const LAST = 31_999

/**
 * Ports of this machine on which nothing listens, and which no other lab gets while this process lives: a lab publishes
 * its ports long after they were chosen.
 */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = []
  for (let tries = 0; tries < 100 * count && found.length < count; tries++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1))
    if ((await isFree(port)) && (await claim(`port ${port}`))) found.push(port)
  }
  if (found.length < count) throw new Error(`no ${count} free ports between ${FIRST} and ${LAST}`)
  return found
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
