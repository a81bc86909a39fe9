import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import type {Lab} from '../../lab/lab.js'
import {median, row, type Row} from '../measure.js'
import {succeed} from './succeed.js'
import {notes, timed} from './timed.js'

const REACH = 0.4

/** What each answers on. */
const TEN: Readonly<Record<string, number>> = {
  sonarr: 8989,
  radarr: 7878,
  prowlarr: 9696,
  bazarr: 6767,
  flaresolverr: 8191,
  tautulli: 8181,
  kitana: 31_337,
  seerr: 5055,
  maintainerr: 6246,
  suggestarr: 5000,
}
const NAMES = Object.keys(TEN)
const TOGETHER = 'ten services of one stack, updated at once'
const SINGLY = 'the same ten, one update each'

/** Ten services with new images: one update of the stack against ten of one service each, in turn. */
export async function benchTen(lab: Lab, rounds: number): Promise<Row[]> {
  await writeFile(path.join(lab.home, 'compose', 'ten.yml'), await tenServices(lab))
  await succeed(lab, 'stack', 'ten', 'up')
  const {note, times} = notes()
  let version = 0
  const fresh = async (): Promise<void> => {
    version++
    for (const name of NAMES) await lab.push(name, {version: `2.${version}.0`})
  }
  for (let round = 0; round < Math.max(1, Math.ceil(rounds / 2)); round++) {
    await fresh()
    note(TOGETHER, await timed(() => succeed(lab, 'stack', 'ten', 'update')))
    await fresh()
    note(
      SINGLY,
      await timed(async () => {
        for (const name of NAMES) await succeed(lab, 'stack', 'ten', 'update', name)
      }),
    )
  }
  const medians = new Map([...times].map(([name, found]) => [name, median(found)]))
  return [row(medians, TOGETHER, SINGLY, REACH)]
}

/** JSON is YAML. */
async function tenServices(lab: Lab): Promise<string> {
  const host = (
    await lab.docker(
      'compose',
      '--project-directory',
      path.join(lab.home, 'compose'),
      '--file',
      path.join(lab.home, 'compose', 'torrent.yml'),
      '--file',
      path.join(lab.home, 'compose', 'torrent.override.yml'),
      'config',
      '--images',
      'sonarr',
    )
  ).split('/')[0]
  const services = Object.entries(TEN).map(([name, port]) => [
    name,
    {
      image: `${host}/${lab.id}/${name}:latest`,
      restart: 'unless-stopped',
      labels: {'io.homelab.lab': lab.id},
      healthcheck: {
        test: ['CMD', 'wget', '-q', '-O', '/dev/null', `http://127.0.0.1:${port}/`],
        interval: '30s',
        timeout: '5s',
        start_period: '1m',
        start_interval: '1s',
      },
    },
  ])
  return JSON.stringify({name: `${lab.id}-ten`, services: Object.fromEntries(services) as unknown})
}
