import type {Operation} from './operation.js'

export type Wanted = {
  readonly stack?: string | undefined
  /** Of such operations only the steps on it. */
  readonly service?: string | undefined
  readonly since?: Date | undefined
}

/** Those that have a part in what is wanted, in their order. An operation that began before `since` and went on after it has. */
export function selectOperations(all: readonly Operation[], {stack, service, since}: Wanted): Operation[] {
  return all
    .filter((operation) => stack === undefined || operation.stack === stack)
    .filter(({lastAt}) => since === undefined || Date.parse(lastAt) >= since.getTime())
    .map((operation) =>
      service === undefined ? operation : {...operation, steps: operation.steps.filter(({target}) => target === service)},
    )
    .filter(({steps}) => service === undefined || steps.length > 0)
}
