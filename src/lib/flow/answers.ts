/** What is read of the applications' answers. Pure; undefined: it is something else than expected. */

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const list = (answer: unknown): Record<string, unknown>[] | undefined =>
  Array.isArray(answer) && answer.every(isObject) ? answer : undefined
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A connection to another application, as Servarr lists them: indexers, download clients, notifications, applications, proxies. */
export type Connection = {readonly id: number; readonly name: string; readonly implementation: string; readonly enabled: boolean}

export const connections = (answer: unknown): Connection[] | undefined =>
  list(answer)?.map((one) => ({
    id: Number(one.id),
    name: text(one.name),
    implementation: text(one.implementation),
    // Indexers have three switches, applications a level; what has none is on.
    enabled:
      one.enable !== false &&
      one.syncLevel !== 'disabled' &&
      (one.enableRss !== false || one.enableAutomaticSearch !== false || one.enableInteractiveSearch !== false),
  }))

/** What its own test of a connection found wrong; none: it is valid. */
export const testFailures = (answer: unknown): ReadonlyMap<number, string> | undefined => {
  const results = list(answer)
  if (results === undefined) return undefined
  const failed = results.filter(({isValid}) => isValid !== true)
  return new Map(
    failed.map(({id, validationFailures}) => [
      Number(id),
      (list(validationFailures) ?? []).map((one) => text(one.errorMessage)).join('; '),
    ]),
  )
}

type Complaint = {readonly is: 'warn' | 'bad'; readonly says: string}

/** What it says of itself. */
export const complaints = (answer: unknown): Complaint[] | undefined =>
  list(answer)?.flatMap(({type, message}) =>
    type === 'error' || type === 'warning' ? [{is: type === 'error' ? ('bad' as const) : ('warn' as const), says: text(message)}] : [],
  )

/** One of the servers that Seerr sends requests to, as its test of it wants it. */
type Server = {readonly name: string; readonly settings: Readonly<Record<string, unknown>>}

export const servers = (answer: unknown): Server[] | undefined =>
  list(answer)?.map(({name, hostname, port, apiKey, useSsl, baseUrl}) => ({
    name: text(name),
    settings: {hostname, port: Number(port), apiKey, useSsl: useSsl === true, ...(typeof baseUrl === 'string' && {baseUrl})},
  }))

/** Bazarr tells the version of who it reaches, and nothing of who it does not. */
export function reachedByBazarr(answer: unknown): {readonly sonarr: boolean; readonly radarr: boolean} | undefined {
  const data = isObject(answer) ? answer.data : undefined
  if (!isObject(data)) return undefined
  const known = (version: unknown): boolean => /^\d/.test(text(version))
  return {sonarr: known(data.sonarr_version), radarr: known(data.radarr_version)}
}
