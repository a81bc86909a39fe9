import type {ObservedContainer} from '../model/container.js'
import {configurationError} from '../util/errors.js'

/** Replaces secrets in what other programs say: Compose quotes the values that it complains about. */
export type Conceal = (text: string) => string

const SECRET_NAME = /KEY|TOKEN|SECRET|PASS|PWD|AUTH|CREDENTIAL|CLAIM|TOPIC|PRIVATE/i
/** A shorter value would also be found where it means something else. */
const SHORTEST = 6

export function concealer(variables: Readonly<Record<string, string>>): Conceal {
  const secret = Object.entries(variables).filter(([name, value]) => SECRET_NAME.test(name) && value.length >= SHORTEST)
  // The longest first: one may be a part of another.
  const values = secret.map(([, value]) => value).toSorted((a, b) => b.length - a.length)
  return (text) => values.reduce((shown, value) => shown.replaceAll(value, '***'), withoutBrokenEnv(text))
}

/** A quote that is never closed makes the rest of `.env` one value, and Compose prints it. */
const withoutBrokenEnv = (text: string): string =>
  text.replace(/(unterminated quoted value|unexpected character)[^\n]*(\n.*)*/g, '$1 (not shown here)')

/** What a health check or Docker says of a container may quote its settings, and is shown, sent and written down. */
export const discreet = (container: ObservedContainer, conceal: Conceal): ObservedContainer => ({
  ...container,
  healthOutput: container.healthOutput === undefined ? undefined : conceal(container.healthOutput),
  error: conceal(container.error),
})

export const allDiscreet = (containers: ReadonlyMap<string, ObservedContainer>, conceal: Conceal): Map<string, ObservedContainer> =>
  new Map([...containers].map(([service, container]) => [service, discreet(container, conceal)]))

/** Compose secrets that take their value from a variable. */
export type SecretsModel = {secrets?: Record<string, {environment?: string} | null>}

/**
 * Compose notices a secret without its variable only when it creates the container: by then others were stopped for it.
 * @param set The variables that have a value, even an empty one.
 * @throws OperatorError (78) that names the variables.
 */
export function requireSecrets(model: SecretsModel, set: ReadonlySet<string>): void {
  const wanted = Object.values(model.secrets ?? {}).flatMap((secret) => secret?.environment ?? [])
  const missing = [...new Set(wanted)].filter((name) => !set.has(name))
  if (missing.length === 0) return
  throw configurationError(
    `The variable ${missing.join(', ')} is not set: a secret takes its value from it.`,
    missing.map((name) => `Set it in compose/.env: ${name}=…`),
  )
}
