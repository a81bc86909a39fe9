import {createInterface} from 'node:readline'
import type {Readable} from 'node:stream'
import {text} from 'node:stream/consumers'
import type Docker from 'dockerode'
import type {ContainerEvent, PastEvent} from '../engine.js'

/** Health probes alone emit thousands of exec_* events an hour: the server filters. `health_status` matches by prefix. */
const ACTIONS = ['start', 'die', 'destroy', 'health_status', 'oom', 'pause', 'unpause']

type Message = {Type?: string; time?: number; Action?: string; Actor?: {ID?: string; Attributes?: Record<string, string>}}

/** Ends when the signal fires or the daemon closes the stream. Two events may come in one chunk, and half an event too. */
export async function* containerEvents(docker: Docker, project: string, signal: AbortSignal): AsyncGenerator<ContainerEvent> {
  const filters = {type: ['container'], event: ACTIONS, label: [`com.docker.compose.project=${project}`]}
  const stream = (await docker.getEvents({filters, abortSignal: signal} as Docker.GetEventsOptions)) as Readable
  const lines = createInterface({input: stream, crlfDelay: Infinity})
  // An aborted request raises ECONNRESET on the stream, not AbortError; the reader sees the end either way.
  stream.on('error', () => lines.close())
  try {
    yield {action: 'subscribed', service: '', container: ''}
    for await (const line of lines) {
      const event = toEvent(line)
      if (event !== undefined) yield event
    }
  } catch {
    // Some versions of Node throw the stream's error here instead: it is an end, too.
  } finally {
    stream.destroy()
  }
}

/** Those that have been, as far back as the daemon remembers. @param since Epoch milliseconds. */
export async function pastEvents(docker: Docker, project: string, since: number, signal: AbortSignal): Promise<PastEvent[]> {
  const filters = {type: ['container'], event: ['die', 'oom'], label: [`com.docker.compose.project=${project}`]}
  const [from, until] = [since, Date.now()].map((moment) => Math.floor(moment / 1000))
  const stream = (await docker.getEvents({since: from, until, filters, abortSignal: signal} as Docker.GetEventsOptions)) as Readable
  const said = await text(stream)
  return said.split('\n').flatMap((line) => {
    const event = toEvent(line)
    return event === undefined ? [] : [{...event, at: (parse(line).time ?? 0) * 1000}]
  })
}

export function toEvent(line: string): ContainerEvent | undefined {
  if (line.trim() === '') return undefined
  const {Action, Actor} = parse(line)
  const service = Actor?.Attributes?.['com.docker.compose.service']
  if (Action === undefined || Actor?.ID === undefined || service === undefined) return undefined
  return {action: Action, container: Actor.ID, service}
}

/** A daemon that goes away cuts its last event in the middle; an event is only a hint, so it may be lost. */
function parse(line: string): Message {
  try {
    return JSON.parse(line) as Message
  } catch {
    return {}
  }
}
