import {notLater} from '../model/clock.js'
import {zoneOf} from '../util/time-zone.js'
import type {UpdateRules} from './policy.js'
import type {Change, Job, Policy, Rejected} from '../model/update.js'
import {windowState} from './window.js'

/** `approval`: it is not known to be newer, and only its operator can say that it is meant. */
type Hold = 'rejected' | 'never' | 'notify' | 'approval' | 'policy' | 'paused' | 'age' | 'window'

/** Whether a job may be done now. `until`: when that may change by itself, epoch milliseconds. */
export type Verdict =
  {readonly due: true} | {readonly due: false; readonly hold: Hold; readonly reason: string; readonly until?: number | undefined}

type Context = {
  readonly rules: UpdateRules
  /** The tag that is declared; undefined: none. */
  readonly currentTag: string | undefined
  /** Epoch milliseconds. */
  readonly now: number
  readonly paused: {readonly since: number; readonly until?: number | undefined} | undefined
  readonly rejected: readonly Rejected[]
}

/** What a person approved is held back only by what was rolled back. Pure. */
export function verdictOf(job: Job, context: Context): Verdict {
  const refused = context.rejected.find((one) => one.stack === job.stack && one.service === job.service && isRejected(one, job.change))
  if (refused !== undefined) return held('rejected', `it was rolled back from this image on ${day(refused.at)}: ${refused.reason}`)
  if (job.approved) return {due: true}
  return byPolicy(job.change, context) ?? byPause(context) ?? byAge(job, context) ?? byWindow(context) ?? {due: true}
}

const held = (hold: Hold, reason: string, until?: number): Verdict => ({due: false, hold, reason, ...(until !== undefined && {until})})

/** Whether that is the image that a service was rolled back from. */
export function isRejected({digest, reference}: Rejected, change: Change): boolean {
  if (change.digest !== undefined) return change.digest === digest
  return change.kind === 'tag' && reference.endsWith(`:${change.tag}`)
}

function byPolicy(change: Change, {rules: {policy}, currentTag}: Context): Verdict | undefined {
  if (policy === 'never') return held('never', 'policy "never"')
  const step = change.kind === 'tag' && policy !== 'digest' ? byDirection(currentTag, change.tag) : undefined
  if (step !== undefined) return step
  if (policy === 'notify') return held('notify', 'policy "notify": it waits for you')
  return change.kind === 'digest' ? undefined : byStep(policy, currentTag, change.tag)
}

/** Whoever has the webhook's token may name any tag: one that is not known to be newer may be the way to an old hole. */
function byDirection(currentTag: string | undefined, tag: string): Verdict | undefined {
  const present = currentTag ?? 'no tag'
  switch (versionStep(currentTag ?? '', tag)) {
    case 'older':
      return held('approval', `needs your approval: ${tag} is older than ${present}`)
    case 'same':
      return held('approval', `needs your approval: ${tag} is not newer than ${present}`)
    case 'unknown':
      return held('approval', `needs your approval: ${tag} cannot be compared with ${present}, and may be older`)
    default:
      return undefined
  }
}

function byStep(policy: Policy, currentTag: string | undefined, tag: string): Verdict | undefined {
  const step = versionStep(currentTag ?? '', tag)
  if (allows(policy, step)) return undefined
  const what = step === 'unknown' ? 'no version that can be compared' : `a ${step} version`
  return held('policy', `policy "${policy}": ${currentTag ?? 'no tag'} → ${tag} is ${what}`)
}

const STEPS: Readonly<Record<Policy, readonly string[]>> = {
  auto: ['major', 'minor', 'patch', 'prerelease'],
  minor: ['minor', 'patch'],
  patch: ['patch'],
  digest: [],
  notify: [],
  never: [],
}

const allows = (policy: Policy, step: string): boolean => STEPS[policy].includes(step)

function byPause({paused}: Context): Verdict | undefined {
  if (paused === undefined) return undefined
  const end = paused.until === undefined ? 'homelab updates resume ends it' : `until ${stamp(paused.until)}`
  return held('paused', `updates are paused since ${stamp(paused.since)}, ${end}`, paused.until)
}

/** No image is older than Docker, epoch milliseconds. */
const DOCKERS_FIRST = Date.UTC(2013, 2)

function byAge({imageCreatedAt, acceptedAt}: Job, {rules: {minAge}, now}: Context): Verdict | undefined {
  // Builds that can be repeated are dated 1970, which says nothing.
  // No image is younger than its announcement: then its maker has another clock.
  const known = imageCreatedAt !== undefined && imageCreatedAt > DOCKERS_FIRST ? notLater(imageCreatedAt, acceptedAt) : acceptedAt
  const ready = known + minAge * 1000
  return ready <= now ? undefined : held('age', `the image is too young: it is applied from ${stamp(ready)}`, ready)
}

function byWindow({rules: {window}, now}: Context): Verdict | undefined {
  if (window === undefined) return undefined
  const state = windowState(window, now)
  const when = `${window.from}–${window.to}${window.days === undefined ? '' : ` on ${window.days.join(', ')}`}`
  return state.open ? undefined : held('window', `the window ${when} opens at ${stampIn(window.timezone, state.opensAt)}`, state.opensAt)
}

const stamp = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** As the window itself is written: by the clock on the wall there. */
function stampIn(timezone: string | undefined, at: number): string {
  const zone = zoneOf(timezone)
  const {year, month, day: date, minutes} = zone.wallClock(at)
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${year}-${two(month)}-${two(date)} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)} ${zone.name}`
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10)

/**
 * How far it is from one image tag to another. `unknown`: they are not versions of one kind, and which is newer cannot be told.
 * `prerelease`: a newer pre-release, of the same kind.
 */
type VersionStep = 'major' | 'minor' | 'patch' | 'prerelease' | 'same' | 'older' | 'unknown'

type Version = {readonly before: string; readonly numbers: readonly number[]; readonly after: string}

/** "4.2", "v2.15.1", "1.2.3-alpine", "version-1.2", "4.0.1.929-ls123". */
const VERSION = /^(?<before>(?:v|version-|release-)?)(?<numbers>\d{1,9}(?:\.\d{1,9}){1,3})(?<after>(?:[-_.][A-Za-z0-9]+)*)$/

/** A part of its own, so that "-arch" is no "rc". */
const PRERELEASE =
  /[-_.](?:alpha|beta|rc|pre(?:view|release)?|dev(?:el(?:op(?:ment)?)?)?|nightly|snapshot|canary|unstable|edge|next)\d*(?=[-_.]|$)/i

export function versionStep(from: string, to: string): VersionStep {
  const [old, fresh] = [parse(from), parse(to)]
  if (old === undefined || fresh === undefined) return 'unknown'
  if (old.before !== fresh.before || old.numbers.length !== fresh.numbers.length) return 'unknown'
  if (kindOf(old.after) !== kindOf(fresh.after)) return 'unknown'
  const step = stepOf(old, fresh)
  return PRERELEASE.test(fresh.after) && step !== 'same' && step !== 'older' ? 'prerelease' : step
}

function stepOf(old: Version, fresh: Version): VersionStep {
  const at = old.numbers.findIndex((number, index) => number !== fresh.numbers[index])
  if (at < 0) return byBuild(buildOf(old.after), buildOf(fresh.after))
  if ((fresh.numbers[at] ?? 0) < (old.numbers[at] ?? 0)) return 'older'
  return at === 0 ? 'major' : at === 1 ? 'minor' : 'patch'
}

function parse(tag: string): Version | undefined {
  const groups = VERSION.exec(tag)?.groups
  if (groups === undefined) return undefined
  return {before: groups.before ?? '', numbers: (groups.numbers ?? '').split('.').map(Number), after: groups.after ?? ''}
}

/** linuxserver.io counts its builds of one version: "-ls123". */
const BUILD = /(-ls|-r)(\d+)$/

const kindOf = (after: string): string => after.replace(BUILD, '$1')
const buildOf = (after: string): number => Number(BUILD.exec(after)?.[2] ?? 0)

const byBuild = (old: number, fresh: number): VersionStep => (old === fresh ? 'same' : fresh < old ? 'older' : 'patch')
