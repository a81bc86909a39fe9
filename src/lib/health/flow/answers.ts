/** What is read of the applications' answers. Pure; undefined: it is something else than expected. */

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const list = (answer: unknown): Record<string, unknown>[] | undefined =>
  Array.isArray(answer) && answer.every(isObject) ? answer : undefined
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A connection to another application, as Servarr lists them: indexers, download clients, notifications, applications, proxies. */
export type Connection = {
  readonly id: number
  readonly name: string
  readonly implementation: string
  readonly enabled: boolean
  readonly tags: readonly number[]
  /** As it was listed, secrets masked. */
  readonly resource: Readonly<Record<string, unknown>>
}

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
    tags: Array.isArray(one.tags) ? one.tags.map(Number) : [],
    resource: one,
  }))

/** Whether a notification is told of anything: it has no other switch than its events, `onDownload` and the like. */
export const hasEvent = ({resource}: Connection): boolean =>
  Object.entries(resource).some(([field, value]) => /^on[A-Z]/.test(field) && value === true)

/** The value of one of its settings; undefined: there is none, or it is no text. */
export function settingOf({resource}: Connection, name: string): string | undefined {
  const value = list(resource.fields)?.find((field) => field.name === name)?.value
  return typeof value === 'string' ? value : undefined
}

export type TestResult = {readonly passed: true} | {readonly passed: false; readonly why: string}

/** What its own test of all connections found, by id. One that is missing was not tested: it is off, or not valid. */
export const testResults = (answer: unknown): ReadonlyMap<number, TestResult> | undefined => {
  const results = list(answer)
  return (
    results &&
    new Map(
      results.map(({id, isValid, validationFailures}) => [
        Number(id),
        isValid === true ? {passed: true} : {passed: false, why: messagesOf(validationFailures)},
      ]),
    )
  )
}

/** What its test of one connection found: `{}`, or a list of failures. */
export function testResult(answer: unknown): TestResult | undefined {
  const failures = list(answer)
  if (failures !== undefined && failures.length > 0) return {passed: false, why: messagesOf(failures)}
  return isObject(answer) && !Array.isArray(answer) && Object.keys(answer).length === 0 ? {passed: true} : undefined
}

const messagesOf = (failures: unknown): string => (list(failures) ?? []).map(({errorMessage}) => text(errorMessage)).join('; ')

type Complaint = {
  readonly is: 'warn' | 'bad'
  readonly says: string
  /** Which of its checks: "DownloadClientStatusCheck". */
  readonly source: string
}

/** What it says of itself. */
export const complaints = (answer: unknown): Complaint[] | undefined =>
  list(answer)?.flatMap(({type, message, source}) =>
    type === 'error' || type === 'warning'
      ? [{is: type === 'error' ? ('bad' as const) : ('warn' as const), says: text(message), source: text(source)}]
      : [],
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
