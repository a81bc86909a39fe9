import {createInterface} from 'node:readline'
import type {Readable} from 'node:stream'
import type Docker from 'dockerode'
import type {ContainerEvent} from '../engine.js'

/** Health probes alone emit thousands of exec_* events an hour: the server filters. `health_status` matches by prefix. */
const ACTIONS = ['start', 'die', 'destroy', 'health_status', 'oom', 'pause', 'unpause']

type Message = {Type?: string; Action?: string; Actor?: {ID?: string; Attributes?: Record<string, string>}}

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
