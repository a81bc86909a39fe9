import {describe, expect, it} from 'vitest'
import type {ContainerEvent} from '../../../src/lib/docker/engine.js'
import {followDocker} from '../../../src/lib/stack/docker-events.js'
import {MemoryEngine} from '../../support/unit/memory-engine.js'
import {observedOf} from '../../support/unit/observed.js'
import {torrent} from '../../support/unit/stack.js'

type Stream = (signal: AbortSignal) => AsyncGenerator<ContainerEvent>

/** Follows a stream for some milliseconds. @returns How often it woke somebody, and how often the stream was opened. */
async function followed(stream: Stream, {silence = 60_000, after = 20, meanwhile = (): void => undefined} = {}) {
  const engine = new MemoryEngine(torrent()).load(observedOf(torrent(), {}))
  let [woken, opened] = [0, 0]
  engine.events = (_, signal) => (opened++, stream(signal))
  const stopping = new AbortController()
  const wakeup = {wake: () => void woken++}
  const done = followDocker({engine, project: 'torrent', heard: wakeup.wake, silence, signal: stopping.signal})
  meanwhile()
  await new Promise((resolve) => setTimeout(resolve, after))
  const seen = woken
  stopping.abort()
  await done
  return {woken: seen, opened}
}

const event: ContainerEvent = {service: 'gluetun', container: 'gluetun-1', action: 'start'}

const untilStopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), {once: true}))

const open = (...events: readonly ContainerEvent[]): Stream =>
  async function* (signal) {
    yield* events
    await untilStopped(signal)
  }

describe('Docker’s events', () => {
  it('wake the loop, each of them', async () => {
    expect(await followed(open(event, event, event))).toEqual({woken: 3, opened: 1})
  })

  it('wake it at the end of the stream, too: what happened meanwhile has to be looked at; it does not spin', async () => {
    const ends: Stream = async function* () {
      yield event
    }
    expect(await followed(ends)).toEqual({woken: 2, opened: 1})
  })

  it('are opened again after an error, not at once', async () => {
    const fails: Stream = async function* () {
      throw new Error('the daemon went away')
    }
    expect(await followed(fails)).toEqual({woken: 1, opened: 1})
    expect((await followed(fails, {after: 600})).opened).toBe(2)
  })

  it('are opened again when they have been silent for long: a dead connection is silent, too', async () => {
    expect(await followed(open(event), {silence: 5, after: 560})).toMatchObject({opened: 2})
  })
})
