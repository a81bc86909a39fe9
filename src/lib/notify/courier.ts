import type {Log} from '../model/log.js'
import {deliverAll, type Delivered, type Delivery} from './deliver.js'

type CourierOptions = Delivery & {
  readonly log: Log
  /** Ends at a new message, or after so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>
}

const FIRST_MS = 5_000
const MOST_MS = 300_000
/** Another process may have posted something, of which nobody tells us. */
const LOOK_MS = 60_000

/** Milliseconds before the next attempt. Pure. */
export const backoffMs = (failures: number, afterMs = 0): number =>
  Math.max(afterMs, Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(10, failures - 1)))

/** Delivers for months: whenever there is something, and with growing pauses while the server is not to be had. */
export async function runCourier(options: CourierOptions): Promise<void> {
  const {log, sleep, signal} = options
  let failures = 0
  while (!signal.aborted) {
    const delivered = await attempt(options)
    const {sent, stopped} = delivered
    failures = stopped === undefined ? 0 : sent > 0 ? 1 : failures + 1
    tell(delivered, failures, log)
    await sleep(stopped === undefined ? LOOK_MS : backoffMs(failures, stopped.is === 'later' ? stopped.afterMs : undefined))
  }
}

/** A line when it begins to fail, none while it goes on, and one when something was delivered. */
function tell({sent, left, stopped}: Delivered, failures: number, log: Log): void {
  if (sent > 0) log.info(`${sent} notification${sent === 1 ? '' : 's'} delivered${left > 0 ? `, ${left} wait` : ''}`)
  if (stopped === undefined || failures !== 1) return
  log.warn(`notifications cannot be delivered, ${left} wait: ${stopped.why}${stopped.is === 'refused' ? ` (${stopped.next})` : ''}`)
}

async function attempt(options: CourierOptions): Promise<Delivered> {
  try {
    return await deliverAll(options)
  } catch (error) {
    return {sent: 0, left: 0, stopped: {is: 'later', why: (error as Error).message}}
  }
}
