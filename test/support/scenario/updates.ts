import {readdir} from 'node:fs/promises'
import path from 'node:path'
import {expect} from 'vitest'
import type {Lab} from '../../lab/lab.js'
import {ask, docker, imageId, images, inspect} from './docker.js'

/** What a service runs, asked past the program under test. */
export type Runs = {readonly version: string; readonly image: string; readonly health: string | undefined; readonly container: string}

export function updatesOf(lab: Lab, stack = 'torrent') {
  const runs = async (service: string, port?: string): Promise<Runs> => {
    const {Image, State, Id} = await inspect(lab.container(stack, service))
    const said = port === undefined ? '' : await ask(lab.ports[port]).catch(String)
    return {version: said.trim().split(' ').at(-1) ?? '', image: Image, health: State.Health?.Status, container: Id}
  }
  const reference = async (service: string): Promise<string> =>
    docker('inspect', '--format', '{{.Config.Image}}', lab.container(stack, service))
  return {
    runs,
    reference,
    /** The image that a plain `docker compose up` would take. */
    named: async (service: string): Promise<string> => imageId(await reference(service)),
    /** Names of ours that old images have. */
    kept: async (service: string): Promise<string[]> => {
      const text = await images('--format', '{{.Repository}}:{{.Tag}}', `homelab-kept/${lab.id}-${stack}/${service}`)
      return text.split('\n').filter((line) => line !== '')
    },
    /** Nothing is under way any more. */
    expectClosed: async (): Promise<void> => {
      const files = await readdir(path.join(lab.home, 'state', 'updates')).catch(() => [])
      expect(files.filter((name) => name === `${lab.id}-${stack}.json`)).toEqual([])
    },
  }
}
