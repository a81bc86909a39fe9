import type {Events} from './events.js'

export const GATEWAY = 'gluetun'

/** What one who repairs waits for. */
export type GatewayWatch = {
  readonly died: Promise<number>
  /** Since it died. */
  readonly healthy: Promise<number>
  close(): void
}

/** Times are epoch milliseconds. */
export function gatewayWatch(events: Events): GatewayWatch {
  const died = once(events, 'die')
  const healthy = died.happened.then(() => once(events, 'health_status: healthy').happened)
  return {died: died.happened, healthy, close: died.close}
}

function once(events: Events, wanted: string): {happened: Promise<number>; close(): void} {
  let close = (): void => undefined
  const happened = new Promise<number>((resolve) => {
    close = events.listen(({service, action, at}) => {
      if (service !== GATEWAY || action !== wanted) return
      close()
      resolve(at)
    })
  })
  return {happened, close: () => close()}
}
