import type {ObservedContainer} from '../model/observed.js'

/** Gluetun's control server, as this machine reaches it. */
export type ControlServer = {
  /** "http://127.0.0.1:8000" */
  readonly url: string
  readonly apiKey: string | undefined
}

/** What Gluetun listens on in its container, unless told otherwise. */
const PORT = 8000

/** Where the gateway publishes its control server; undefined: nowhere. */
export function publishedAt({ports}: Pick<ObservedContainer, 'ports'>, wanted = PORT): string | undefined {
  for (const text of ports) {
    // As `ObservedContainer.ports` has them: "8989", "127.0.0.1:18989->8989".
    const groups = /^(?:(?<address>.+):)?(?<host>\d+)(?:->(?<container>\d+))?$/.exec(text)?.groups
    if (groups === undefined || Number(groups.container ?? groups.host) !== wanted) continue
    const address = groups.address ?? '127.0.0.1'
    return `http://${address.includes(':') && !address.startsWith('[') ? `[${address}]` : address}:${groups.host}`
  }
  return undefined
}
