import {execFile} from 'node:child_process'
import {chmod, chown, mkdir} from 'node:fs/promises'
import {promisify} from 'node:util'
import type {Finding} from '../model/finding.js'
import {OperatorError, refusal} from '../util/errors.js'

/** Something that `--fix` may do by itself: it takes nothing away from anybody, and can be undone. */
type Remedy =
  | {readonly is: 'mode'; readonly path: string; readonly mode: number}
  | {readonly is: 'folder'; readonly path: string; readonly uid: number; readonly gid: number}
  | {readonly is: 'module'; readonly name: string}

/** A finding before anything runs, and what mends it. */
export type Diagnosis = Finding & {readonly remedy?: Remedy}

/** As a person would type it. */
export function remedyText(remedy: Remedy): string {
  switch (remedy.is) {
    case 'mode':
      return `chmod ${remedy.mode.toString(8)} ${remedy.path}`
    case 'folder':
      return `sudo install -d -o ${remedy.uid} -g ${remedy.gid} ${remedy.path}`
    default:
      return `sudo modprobe ${remedy.name}`
  }
}

/** The remedy is a next step, too. */
export const withRemedy = (finding: Finding, remedy: Remedy): Diagnosis => ({...finding, next: [remedyText(remedy)], remedy})

/** @throws OperatorError with the command that a person types instead. */
export async function applyRemedy(remedy: Remedy): Promise<void> {
  try {
    if (remedy.is === 'mode') await chmod(remedy.path, remedy.mode)
    else if (remedy.is === 'module') await promisify(execFile)('modprobe', [remedy.name])
    else {
      await mkdir(remedy.path, {recursive: true})
      await chown(remedy.path, remedy.uid, remedy.gid)
    }
  } catch (error) {
    throw new OperatorError(`Could not be mended: ${refusal(error).split('\n')[0]}.`, {next: [remedyText(remedy)]})
  }
}

type Bug = {
  readonly from: string
  /** The first version without it. */
  readonly mended: string
  readonly says: string
}

/** What is too old, and what is known to be broken. */
type Known = {readonly least: string; readonly why: string; readonly bugs: readonly Bug[]; readonly next: string}

const INSTALL = 'https://docs.docker.com/engine/install/'

const KNOWN: Readonly<Record<'engine' | 'compose', Known>> = {
  engine: {least: '25.0.0', why: 'start_interval of health checks', bugs: [], next: INSTALL},
  compose: {
    least: '2.24.4',
    why: 'inline configs, and !override',
    bugs: [{from: '5.2.0', mended: '5.3.0', says: 'recreates everybody behind a gateway at every up'}],
    next: INSTALL,
  },
}

/** Pure. @param said As the program says it: "26.1.5+dfsg1". */
export function versionFinding(of: 'engine' | 'compose', said: string): Diagnosis {
  const check = of === 'engine' ? 'Docker Engine' : 'Docker Compose'
  const {least, why, bugs, next} = KNOWN[of]
  const version = numbers(said)
  if (version === undefined) return {is: 'unknown', check, says: `"${said}" is no version that can be compared`, optional: true}
  if (compare(version, numbers(least) ?? []) < 0)
    return {is: 'bad', check, says: `${said} is too old: ${least} is needed, for ${why}`, next: [next]}
  const bug = bugs.find(({from, mended}) => compare(version, numbers(from) ?? []) >= 0 && compare(version, numbers(mended) ?? []) < 0)
  if (bug !== undefined) return {is: 'bad', check, says: `${said} ${bug.says}; mended in ${bug.mended}`, next: [next]}
  return {is: 'good', check, says: said}
}

function numbers(text: string): number[] | undefined {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text)
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)]
}

const compare = (a: readonly number[], b: readonly number[]): number =>
  [0, 1, 2].map((index) => (a[index] ?? 0) - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0
