import type {ObservedContainer} from '../../model/observed.js'
import type {Conceal} from '../conceal.js'

/** What a health check or Docker says of a container may quote its settings, and is shown, sent and written down. */
export const discreet = (container: ObservedContainer, conceal: Conceal): ObservedContainer => ({
  ...container,
  healthOutput: container.healthOutput === undefined ? undefined : conceal(container.healthOutput),
  error: conceal(container.error),
})

export const allDiscreet = (containers: ReadonlyMap<string, ObservedContainer>, conceal: Conceal): Map<string, ObservedContainer> =>
  new Map([...containers].map(([service, container]) => [service, discreet(container, conceal)]))
