import {tracingChannel} from 'node:diagnostics_channel'

/** What a scenario does with its time: the program under test, Docker's CLI, asking again until something holds, making and removing a lab. */
export type Occupation = 'homelab' | 'docker' | 'polling' | 'lab'

/** Moments of Date.now(). */
export type Spent = {readonly on: Occupation; readonly from: number; readonly to: number}

type Message = {readonly on: Occupation; from?: number}

const channel = tracingChannel<string, Message>('homelab:test-time')

/** Runs it, and tells whoever listens how long that took. */
export const timed = <T>(on: Occupation, act: () => Promise<T>): Promise<T> => channel.tracePromise(act, {on})

/** @param tell Is called after each timed act. */
export function onTimeSpent(tell: (spent: Spent) => void): void {
  channel.subscribe({
    start: (message) => void (message.from = Date.now()),
    asyncEnd: ({on, from}) => {
      if (from !== undefined) tell({on, from, to: Date.now()})
    },
    end: () => undefined,
    asyncStart: () => undefined,
    error: () => undefined,
  })
}
