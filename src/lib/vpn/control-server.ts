import type {ObservedContainer} from '../model/observed.js'
import {publishedPort} from '../model/published-port.js'

/** Gluetun's control server, as this machine reaches it. */
export type ControlServer = {
  /** "http://127.0.0.1:8000" */
  readonly url: string
  readonly apiKey: string | undefined
}

/** What Gluetun listens on in its container, unless told otherwise. */
const PORT = 8000

/** Where the gateway publishes its control server; undefined: nowhere. */
export function publishedAt(container: Pick<ObservedContainer, 'ports'>, wanted = PORT): string | undefined {
  const found = publishedPort(container, wanted)
  return found && `http://${found.host}:${found.port}`
}
