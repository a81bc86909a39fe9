import type {DeclaredStack} from '../model/stack.js'
import {configurationError} from '../util/errors.js'
import {nearest} from '../util/nearest.js'
import {type WEEKDAYS, type Policy, POLICIES} from '../model/update.js'

/** A daily time in which updates may be applied. `from` and `to` are "HH:MM" of the wall clock in that time zone. */
export type Window = {
  readonly from: string
  readonly to: string
  /** On which it opens; undefined: every day. */
  readonly days?: readonly Weekday[] | undefined
  /** IANA name; undefined: this machine's. */
  readonly timezone?: string | undefined
}

type Weekday = (typeof WEEKDAYS)[number]

type Gate = {
  /** Seconds that a service without a health check has to run without a restart. */
  readonly running: number
  /** Seconds that a healthy one has to stay so, if nobody watches. */
  readonly healthyFor: number
}

/** How the updates of one service are treated. Times in seconds. */
export type UpdateRules = {
  readonly policy: Policy
  readonly window: Window | undefined
  readonly minAge: number
  readonly gate: Gate
  readonly probe: string | undefined
  readonly probeTimeout: number
  readonly backup: boolean
  /** Folders in the container. */
  readonly backupPaths: readonly string[]
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly hookTimeout: number
}

/** What the configuration says for all services, and for some by "stack/service". */
type UpdateSettings = {
  readonly policy: Policy
  readonly window?: Window | undefined
  readonly minAge: number
  readonly gate: Gate
  readonly probeTimeout: number
  readonly backup: boolean
  readonly services: Readonly<Record<string, ServiceSettings>>
}

type ServiceSettings = {
  readonly [Key in 'policy' | 'window' | 'minAge' | 'probe' | 'backup' | 'backupPaths' | 'before' | 'after' | 'hookTimeout']?:
    UpdateRules[Key] | undefined
} & {readonly gate?: {readonly running?: number | undefined; readonly healthyFor?: number | undefined} | undefined}

const HOOK_S = 60
const CONFIG = ['/config']

type Labels = ReadonlyMap<string, string>

/**
 * How the updates of a service are treated: the configuration's entry for it, else its labels, else what holds for all.
 * @throws OperatorError (78) for a label that says nothing we know.
 */
export function rulesFor(settings: UpdateSettings, stack: string, service: string, labels: Labels): UpdateRules {
  const where = `${stack}/${service}`
  const own = settings.services[where] ?? {}
  return {...withLabels(settings, own, labels, where), ...withoutLabels(settings, own)}
}

type Own = UpdateSettings['services'][string]
type Labelled = 'policy' | 'minAge' | 'probe' | 'backup'

/** What a label may say as well. */
function withLabels(settings: UpdateSettings, own: Own, labels: Labels, where: string): Pick<UpdateRules, Labelled> {
  const label = <T>(name: string, parse: (text: string) => T | undefined, known: string): T | undefined =>
    labelled(labels, `homelab.update.${name}`, parse, known, where)
  return {
    policy: own.policy ?? label('policy', toPolicy, POLICIES.join(', ')) ?? settings.policy,
    minAge: own.minAge ?? label('min-age', toSeconds, 'a number of seconds') ?? settings.minAge,
    probe: own.probe ?? label('probe', toPage, 'an address, like http://127.0.0.1:8989/ping'),
    backup: own.backup ?? label('backup', toBoolean, 'true or false') ?? settings.backup,
  }
}

function withoutLabels({window, gate, probeTimeout}: UpdateSettings, own: Own): Omit<UpdateRules, Labelled> {
  return {
    window: own.window ?? window,
    gate: {running: own.gate?.running ?? gate.running, healthyFor: own.gate?.healthyFor ?? gate.healthyFor},
    probeTimeout,
    backupPaths: own.backupPaths ?? CONFIG,
    before: own.before ?? [],
    after: own.after ?? [],
    hookTimeout: own.hookTimeout ?? HOOK_S,
  }
}

const toPolicy = (text: string): Policy | undefined => POLICIES.find((policy) => policy === text)
const toSeconds = (text: string): number | undefined => (/^\d{1,9}$/.test(text) ? Number(text) : undefined)
const toPage = (text: string): string | undefined => (/^https?:\/\/\S+$/.test(text) && URL.canParse(text) ? text : undefined)
const toBoolean = (text: string): boolean | undefined => (text === 'true' ? true : text === 'false' ? false : undefined)

function labelled<T>(labels: Labels, name: string, parse: (text: string) => T | undefined, known: string, where: string): T | undefined {
  const text = labels.get(name)
  if (text === undefined) return undefined
  const value = parse(text)
  if (value !== undefined) return value
  throw configurationError(`The label ${name} of ${where} says "${text.slice(0, 80)}".`, [`It may say: ${known}`])
}

/** An entry of `updates.services` that is about no service: what it says, "never" for example, counts for nothing. */
type LostEntry = {readonly entry: string; readonly says: string; readonly hint: string | undefined}

/** Pure. @param names All stacks, also those that could not be read: of their services nothing is known. */
export function lostEntries(settings: UpdateSettings, stacks: readonly DeclaredStack[], names: readonly string[]): LostEntry[] {
  const places = stacks.flatMap(({name, services}) => [...services.keys()].map((service) => `${name}/${service}`))
  return Object.keys(settings.services).flatMap((entry) => {
    const [stack = ''] = entry.split('/')
    const unread = names.includes(stack) && !stacks.some(({name}) => name === stack)
    if (unread || places.includes(entry)) return []
    const says = names.includes(stack) ? `the stack ${stack} has no such service` : `there is no stack ${stack}`
    const [near] = nearest(entry, places)
    return [
      {entry, says: `${entry}, of updates.services in homelab.yml, counts for nothing: ${says}`, hint: near && `Did you mean ${near}?`},
    ]
  })
}
