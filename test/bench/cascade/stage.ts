import {readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import Docker from 'dockerode'
import {execa} from 'execa'
import {parseDocument} from 'yaml'
import type {Lab} from '../../lab/lab.js'
import {followEvents, type Events} from './events.js'

/** Behind the gateway; `port`: the variable of `.env` that names where the gateway publishes it, if it does. */
export const DEPENDENTS: readonly {readonly service: string; readonly port?: string}[] = [
  {service: 'qbittorrent', port: 'QBITTORRENT_PORT'},
  {service: 'sonarr', port: 'SONARR_PORT'},
  {service: 'radarr', port: 'RADARR_PORT'},
  {service: 'prowlarr', port: 'PROWLARR_PORT'},
  {service: 'bazarr', port: 'BAZARR_PORT'},
  {service: 'flaresolverr', port: 'FLARESOLVERR_PORT'},
  {service: 'cross-seed', port: 'CROSSSEED_PORT'},
  {service: 'unpackerr'},
  {service: 'recyclarr'},
]

export const NAMES = DEPENDENTS.map(({service}) => service)

/** Where the repairs are played: a lab's torrent stack, and Docker as one that repairs by hand has it. */
export type Stage = {
  readonly lab: Lab
  readonly docker: Docker
  readonly events: Events
  /** `docker compose …` over the torrent stack. */
  compose(...args: readonly string[]): Promise<unknown>
  /** Containers have the names that Compose gives them, whatever their ids. */
  container(service: string): Docker.Container
  /** All of it anew, with dependents that take so many seconds to stop. */
  bringUp(stopSeconds: number): Promise<void>
}

export async function openStage(lab: Lab): Promise<Stage> {
  const folder = path.join(lab.home, 'compose')
  const override = path.join(folder, 'torrent.override.yml')
  const docker = new Docker()
  const events = await followEvents(docker, `${lab.id}-torrent`)
  const files = ['--file', path.join(folder, 'torrent.yml'), '--file', override]
  const compose = (...args: readonly string[]): Promise<unknown> =>
    execa('docker', ['compose', '--project-directory', folder, ...files, '--progress', 'plain', ...args])
  return {
    lab,
    docker,
    events,
    compose,
    container: (service) => docker.getContainer(lab.container('torrent', service)),
    bringUp: async (stopSeconds) => {
      await writeFile(override, prepared(await readFile(override, 'utf8'), stopSeconds))
      const up = await lab.homelab(['stack', 'torrent', 'up'])
      if (up.exitCode !== 0) throw new Error(`the lab did not come up:\n${String(up.all)}`)
    },
  }
}

/** Health is asked every second while a service starts, as it was when the floor was measured (facts.md). */
function prepared(text: string, stopSeconds: number): string {
  const document = parseDocument(text)
  for (const service of NAMES) {
    document.setIn(['services', service, 'healthcheck', 'start_interval'], '1s')
    document.setIn(['services', service, 'environment', 'STANDIN_STOP'], String(stopSeconds))
  }
  return document.toString()
}
