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
