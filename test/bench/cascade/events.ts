import {createInterface} from 'node:readline'
import type Docker from 'dockerode'

export type Happening = {
  readonly service: string
  readonly action: string
  /** Epoch milliseconds, by the daemon's clock, which is this machine's. */
  readonly at: number
}

/** What happens to the containers of a project, in the daemon's own times: reading them late costs no accuracy. */
export type Events = {
  /** Told of each from now on, until the function that it returns is called. */
  listen(hear: (event: Happening) => void): () => void
  close(): void
}

type Message = {Action: string; timeNano: number; Actor: {Attributes: Record<string, string>}}

export async function followEvents(docker: Docker, project: string): Promise<Events> {
  const hearers = new Set<(event: Happening) => void>()
  const filters = {
    type: ['container'],
    event: ['die', 'start', 'health_status'],
    label: [`com.docker.compose.project=${project}`],
  }
  const ending = new AbortController()
  const stream = await docker.getEvents({filters, abortSignal: ending.signal} as Docker.GetEventsOptions)
  stream.on('error', () => undefined)
  const lines = createInterface({input: stream})
  // It passes on the error of a stream that is aborted.
  lines.on('error', () => undefined)
  lines.on('line', (line) => {
    const {Action, timeNano, Actor} = JSON.parse(line) as Message
    const event = {action: Action, service: Actor.Attributes['com.docker.compose.service'] ?? '', at: timeNano / 1e6}
    hearers.forEach((hear) => hear(event))
  })
  return {
    listen: (hear) => {
      hearers.add(hear)
      return () => void hearers.delete(hear)
    },
    close: () => ending.abort(),
  }
}
