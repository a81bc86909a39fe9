import {GATEWAY} from './gateway-watch.js'
import {NAMES, type Stage} from './stage.js'
import type {Play} from './watch-repair.js'

/** What takes the gateway away; its container keeps its id, or gets a new one. */
export const CAUSES = {
  restarted: (stage: Stage): Promise<unknown> => stage.container(GATEWAY).restart(),
  recreated: (stage: Stage): Promise<unknown> => stage.compose('up', '--detach', '--no-deps', '--force-recreate', GATEWAY),
} as const

/** Of all in parallel. */
const each = (act: (service: string) => Promise<unknown>): Promise<unknown> => Promise.all(NAMES.map(act))

/** The repairs of facts.md's table, by hand: Docker and Compose, and nothing that looks, remembers or proves. */
export const RAW = {
  /** The fastest for the same id. */
  'stop, start': async (stage, gateway) => {
    await gateway.died
    await each(async (service) => {
      await stage.container(service).stop()
      await gateway.healthy
      await stage.container(service).start()
    })
  },
  /** The fastest for a new id. */
  'stop and remove, compose up': async (stage, gateway) => {
    await gateway.died
    await each(async (service) => {
      await stage.container(service).stop()
      await stage.container(service).remove()
    })
    await gateway.healthy
    await stage.compose('up', '--detach', '--no-deps', ...NAMES)
  },
  'restart in parallel': async (stage, gateway) => {
    await gateway.healthy
    await each((service) => stage.container(service).restart())
  },
  'compose up --force-recreate': async (stage, gateway) => {
    await gateway.healthy
    await stage.compose('up', '--detach', '--no-deps', '--force-recreate', ...NAMES)
  },
  'one by one stop and remove, compose up': async (stage, gateway) => {
    await gateway.healthy
    for (const service of NAMES) {
      await stage.container(service).stop()
      await stage.container(service).remove()
    }
    await stage.compose('up', '--detach', '--no-deps', ...NAMES)
  },
} as const satisfies Record<string, Play['repair']>
