import {configurationError} from '../../model/operator-error.js'

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
