import {readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {expect} from 'vitest'
import type {Lab} from '../../lab/lab.js'
import {docker, inspect} from './docker.js'
import {miniService, miniStack} from './homes.js'
import {text} from './outcome.js'
import {NOBODY, sendTo} from './settings.js'

/** A stack `kept` whose services keep a database behind /config, up, with notifications that reach nobody. @param more Services beside them. */
export async function keptStack(lab: Lab, registry: string, ports: Readonly<Record<string, number>>, more = '') {
  const file = (name: string): string => path.join(lab.home, name)
  const container = (service: string): string => lab.container('kept', service)
  const service = (name: string, port: number): string =>
    miniService({
      image: `${registry}/${lab.id}/${name}:latest`,
      lab: lab.id,
      port,
      more: ['volumes:', `  - ${file(`configs/${name}`)}:/config`, 'environment:', '  STANDIN_DATABASE: /config/database'],
    })
  const services = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, service(name, port)]))
  await writeFile(file('compose/kept.yml'), miniStack(`${lab.id}-kept`, services) + more)
  await sendTo(lab, NOBODY)
  const up = await lab.homelab(['stack', 'kept', 'up'])
  expect(up.exitCode, text(up.all)).toBe(0)
  return {
    file,
    container,
    database: async (name: string): Promise<string> => (await readFile(file(`configs/${name}/database`), 'utf8')).trim(),
    version: (name: string): Promise<string> =>
      docker('inspect', '--format', '{{index .Config.Labels "org.opencontainers.image.version"}}', container(name)),
    healthy: async (name: string): Promise<string | undefined> => (await inspect(container(name))).State.Health?.Status,
    pins: (): Promise<string> => readFile(file('compose/kept.pins.yml'), 'utf8').catch(() => ''),
  }
}
