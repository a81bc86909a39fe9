import {createSocket} from 'node:dgram'
import {once} from 'node:events'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {parseDocument} from 'yaml'
import {freeSubnet} from '../../lab/free-subnet.js'
import type {Lab} from '../../lab/lab.js'
import {docker} from './docker.js'

/** A page and a name server beyond both networks of the stand-in gateway: only what leaves its namespace gets there. */
export type Outside = {readonly url: string; readonly dns: string; readonly close: () => unknown}

/** On this machine, at the address that its default bridge has. */
export async function outside(): Promise<Outside> {
  const address = await docker('network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}')
  // An error is an answer, too: GNU wget ends with 8.
  const pages = createServer((_, response) => response.writeHead(403).end('outside\n'))
  const names = createSocket('udp4', (question, {port, address: from}) => names.send(noSuchName(question), port, from))
  pages.listen(0, address)
  names.bind(0, address)
  await Promise.all([once(pages, 'listening'), once(names, 'listening')])
  return {
    url: `http://${address}:${(pages.address() as AddressInfo).port}/`,
    dns: `dns://${address}:${names.address().port}`,
    close: () => {
      pages.close()
      names.close()
    },
  }
}

/** RFC 1035, 4.1.1: the question with the flags of an answer, and "there is no such name". */
function noSuchName(question: Buffer): Buffer {
  const answer = Buffer.from(question)
  answer.writeUInt16BE(0x8183, 2)
  return answer
}

/** Gives the gateway its tunnel: a second network, which is the way out while the tunnel is up. Call before the stack comes up. */
export async function addTunnel(lab: Lab): Promise<void> {
  const file = path.join(lab.home, 'compose', 'torrent.override.yml')
  const document = parseDocument(await readFile(file, 'utf8'))
  const subnet = await freeSubnet({})
  const via = subnet.replace(/\d+\/\d+$/, '1')
  document.setIn(['networks'], {tunnel: {name: `${lab.id}_tunnel`, ipam: {config: [{subnet, gateway: via}]}}})
  document.setIn(['services', 'gluetun', 'networks'], ['media', 'tunnel'])
  document.setIn(['services', 'gluetun', 'environment', 'STANDIN_TUNNEL'], via)
  await writeFile(file, document.toString())
}

/** Sets a variable of the gateway, in the override; undefined takes it out. */
export async function setGateway(lab: Lab, name: string, value: string | undefined): Promise<void> {
  const file = path.join(lab.home, 'compose', 'torrent.override.yml')
  const document = parseDocument(await readFile(file, 'utf8'))
  if (value === undefined) document.deleteIn(['services', 'gluetun', 'environment', name])
  else document.setIn(['services', 'gluetun', 'environment', name], value)
  await writeFile(file, document.toString())
}
