import {spawn} from 'node:child_process'
import {once} from 'node:events'
import type {Lab} from '../../lab/lab.js'

/** Which services of a lab Docker has started since it was asked to tell. */
export type Starts = {
  /** How often, by service. */
  counts(): Record<string, number>
  /** Begins to count anew. */
  clear(): void
  close(): Promise<void>
}

/** Ends when Docker tells. */
export async function watchStarts(lab: Lab): Promise<Starts> {
  const format = '{{index .Actor.Attributes "com.docker.compose.service"}}'
  const filters = ['--filter', 'event=start', '--filter', `label=io.homelab.lab=${lab.id}`]
  const since = (await lab.docker('info', '--format', '{{.SystemTime}}')).trim()
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'docker', 'events', '--since', since, ...filters, '--format', format], {
    env: {...process.env, ...lab.env},
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const order: string[] = []
  child.stdout.on('data', (chunk: Buffer) =>
    order.push(
      ...String(chunk)
        .split('\n')
        .filter((line) => line !== ''),
    ),
  )
  return {
    clear: () => void order.splice(0),
    counts: () =>
      Object.fromEntries([...new Set(order)].toSorted().map((service) => [service, order.filter((one) => one === service).length])),
    close: async () => {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}
