import {mkdir, readFile, writeFile} from 'node:fs/promises'
import {createServer, type Server, type AddressInfo} from 'node:net'
import path from 'node:path'
import {parseDocument} from 'yaml'
import type {Lab} from '../lab/lab.js'
import {openWorkshop} from '../lab/workshop.js'
import {limit, median, type Limit} from './measure.js'

const UP_MS = 2_000
/** What hangs is asked twice. */
const HANGING_MS = 10_000
const STACKS = ['torrent', 'plex', 'services'] as const

/** The whole check, with every stack up, and with everything that it asks hanging. */
export async function benchHealth(rounds: number): Promise<Limit[]> {
  const workshop = await openWorkshop()
  const lab = await workshop.lab()
  const hanging = await listen()
  try {
    const address = `127.0.0.1:${(hanging.address() as AddressInfo).port}`
    await settings(lab, [])
    const up = await lab.homelab(['stack', 'all', 'up'])
    if (up.exitCode !== 0) throw new Error(`the lab did not come up:\n${String(up.all)}`)
    const well = await timed(lab, rounds, {})
    await settings(lab, [`http://${address}/`], address)
    await Promise.all(STACKS.map((stack) => hangProbes(lab, stack, `http://${address}/`)))
    await lab.docker('exec', lab.container('torrent', 'gluetun'), 'sh', '-c', 'echo 60 > /tmp/gluetun/silent')
    const env = {PATH: `${await hangingPrograms(lab)}:${process.env.PATH}`}
    const services = await timed(lab, rounds, env)
    const socket = path.join(lab.home, 'hanging.sock')
    const engine = await listen(socket)
    const everything = await timed(lab, rounds, {...env, DOCKER_HOST: `unix://${socket}`})
    engine.close()
    return [
      limit('homelab health, everything up', well, 'ms', UP_MS),
      limit(
        'homelab health, every probe, the control server, the watcher, the disks and the address services hanging',
        services,
        'ms',
        HANGING_MS,
      ),
      limit('homelab health, Docker hanging too', everything, 'ms', HANGING_MS),
    ]
  } finally {
    hanging.close()
    await lab.destroy()
    await workshop.close()
  }
}

/** Takes connections, and never says a word. */
function listen(at?: string): Promise<Server> {
  const server = createServer(() => undefined)
  return new Promise((resolve) =>
    at === undefined ? server.listen(0, '127.0.0.1', () => resolve(server)) : server.listen(at, () => resolve(server)),
  )
}

const settings = (lab: Lab, ownAddress: readonly string[], watch = 'off') =>
  writeFile(path.join(lab.home, 'homelab.yml'), JSON.stringify({vpn: {ownAddress}, watch: {listen: watch}, health: {mediaDisk: false}}))

/** A label of an override counts at once: it is read from the files. */
async function hangProbes(lab: Lab, stack: string, url: string): Promise<void> {
  const file = path.join(lab.home, 'compose', `${stack}.override.yml`)
  const document = parseDocument(await readFile(file, 'utf8'))
  const {services} = document.toJS() as {services: Record<string, unknown>}
  for (const name of Object.keys(services)) document.setIn(['services', name, 'labels', 'homelab.probe'], url)
  await writeFile(file, document.toString())
}

/** As a network disk whose server is away: whoever looks at it hangs. */
async function hangingPrograms(lab: Lab): Promise<string> {
  const folder = path.join(lab.home, 'programs')
  await mkdir(folder)
  for (const name of ['stat', 'timedatectl']) await writeFile(path.join(folder, name), '#!/bin/sh\nexec sleep 60\n', {mode: 0o755})
  return folder
}

/** Milliseconds of a whole command, whatever it finds: that is its exit code's affair. @returns the median. */
async function timed(lab: Lab, rounds: number, env: Record<string, string>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now()
    const {exitCode, all} = await lab.homelab(['health'], env)
    if (exitCode !== 0 && exitCode !== 1) throw new Error(`homelab health ended with ${exitCode}:\n${String(all)}`)
    if (round > 0) times.push(performance.now() - began)
  }
  return median(times)
}
