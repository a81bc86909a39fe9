/** Our process's environment, handed down from the composition root; nothing below reads `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * What docker and its helpers may see. Everything else is left out so that a stack means the same over SSH, in cron and
 * under systemd: Compose lets a variable of the shell win over `.env`, and a stray COMPOSE_PROJECT_NAME or TZ of a login
 * shell would recreate containers. docs/decisions/0003.
 */
const PASSED = [
  /^(PATH|HOME|USER|LOGNAME|LANG|TMPDIR|SSH_AUTH_SOCK)$/,
  /^XDG_(RUNTIME_DIR|CONFIG_HOME)$/,
  /^DOCKER_/,
  /^(https?|no|all)_proxy$/i,
  /^SSL_CERT_/,
]

export function dockerEnvironment(environment: Environment): Record<string, string> {
  const passed = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && PASSED.some((pattern) => pattern.test(entry[0])),
  )
  return Object.fromEntries(passed)
}
