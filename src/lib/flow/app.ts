import type {Reading} from '../vpn/reading.js'

/** An application of the pipeline, as this machine reaches it. */
export type App = {
  readonly service: string
  /** The service whose network it is in: itself, or its gateway. */
  readonly door: string
  /** "http://127.0.0.1:8989" */
  readonly url: string
  readonly key: string
}

type Question = {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
}

/** Asks an application's own API. Never throws, but for a signal that fired. */
export type AskApp = (app: Pick<App, 'url' | 'key'>, question: Question) => Promise<Reading<unknown>>
