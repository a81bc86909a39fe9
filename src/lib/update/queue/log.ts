import {randomBytes} from 'node:crypto'
import {open, type FileHandle} from 'node:fs/promises'
import path from 'node:path'
import {keepNames, makeFolder} from '../../storage/atomic-file.js'
import {absent, either, isObject, isTrue, number, object, oneOf, orNone, parsed, pick, text, type Check} from '../../storage/json-file.js'
import {type Job, type JobState, isOpen} from '../../model/update.js'

/** What of a job may change. */
export type JobChanges = Partial<
  Pick<Job, 'acceptedAt' | 'state' | 'attempts' | 'approved' | 'endedAt' | 'op' | 'summary' | 'offered' | 'told'>
>

/** A line of the queue. `log` is the first of each file, and tells it from every other one. */
type JobLine =
  | {readonly kind: 'log'; readonly id: string}
  | {readonly kind: 'job'; readonly job: Job}
  | {readonly kind: 'change'; readonly id: string; readonly changes: JobChanges}

/** Characters of one text. What a program says when it fails can be very long, and its beginning tells the cause. */
const MAX_TEXT = 2_000

/** With its line end. */
export function toLine(line: JobLine): string {
  const cut = (_key: string, value: unknown): unknown =>
    typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT - 1)}…` : value
  return `${JSON.stringify(line, cut)}\n`
}

/** @returns undefined for one that was torn, or is none of ours. What it has beyond our fields is left out. */
export function parseJobLine(line: string): JobLine | undefined {
  const found = parsed(line)
  if (!isObject(found)) return undefined
  const {kind, id, job, changes} = found
  if (kind === 'job') return isJob(job) ? {kind, job: tidy(job)} : undefined
  if (typeof id !== 'string') return undefined
  if (kind === 'log') return {kind, id}
  return kind === 'change' && isObject(changes) ? {kind, id, changes: pick(changes, CHANGEABLE)} : undefined
}

const STATES: Readonly<Record<JobState, true>> = {
  queued: true,
  running: true,
  done: true,
  current: true,
  'rolled-back': true,
  failed: true,
  superseded: true,
  rejected: true,
  dropped: true,
}

const state = oneOf(...Object.keys(STATES))
const change = either(
  object({kind: oneOf('digest'), digest: either(absent, text)}),
  object({kind: oneOf('tag'), tag: text, digest: either(absent, text)}),
)

const REQUIRED = {
  id: text,
  stack: text,
  service: text,
  container: text,
  change,
  origin: oneOf('wud', 'script', 'catch-up', 'operator'),
  acceptedAt: number,
  state,
  attempts: number,
}

const CHANGEABLE = {
  acceptedAt: number,
  state,
  attempts: number,
  approved: isTrue,
  endedAt: number,
  op: text,
  summary: text,
  offered: isTrue,
  told: isTrue,
} satisfies Readonly<Record<keyof JobChanges, Check>>

const JOB = {...REQUIRED, ...CHANGEABLE, imageCreatedAt: number} satisfies Readonly<Record<keyof Job, Check>>

const isJob = (value: unknown): value is Job => object(REQUIRED)(value)

function tidy(job: Job): Job {
  const {kind} = job.change
  const parts = pick(job.change, kind === 'tag' ? {kind: text, tag: text, digest: text} : {kind: text, digest: orNone(text)})
  const all = pick(job, JOB)
  // Checked by isJob: what is picked has every field that a job must have.
  return {...all, change: parts} as unknown as Job
}

const NEWLINE = 0x0a

/** The first line of a file of the queue. */
export const firstLine = (): string => toLine({kind: 'log', id: randomBytes(12).toString('hex')})

/**
 * Appends lines to the queue in one go; they are on disk when this returns. Only for who holds its lock.
 * @throws the error of the file system; then some of the lines may be there all the same, and the last one torn.
 */
export async function appendLines(file: string, lines: readonly string[]): Promise<void> {
  await makeFolder(path.dirname(file))
  const handle = await open(file, 'a+', 0o600)
  try {
    const {size} = await handle.stat()
    const start = size === 0 ? firstLine() : (await isTorn(handle, size)) ? '\n' : ''
    await handle.appendFile(start + lines.join(''))
    await handle.datasync()
    if (size === 0) await keepNames(path.dirname(file))
  } finally {
    await handle.close()
  }
}

/** Whoever wrote last was killed in the middle of it, or had no room. Our line must not become a part of that one. */
async function isTorn(handle: FileHandle, size: number): Promise<boolean> {
  const {buffer} = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] !== NEWLINE
}

/** Puts one line into `jobs`, which keep the order they were added in. A job that is added twice stays as it was. */
export function apply(jobs: Map<string, Job>, line: JobLine): void {
  if (line.kind === 'job' && !jobs.has(line.job.id)) jobs.set(line.job.id, line.job)
  if (line.kind !== 'change') return
  const job = jobs.get(line.id)
  if (job !== undefined) jobs.set(line.id, {...job, ...line.changes})
}

/** All that are open and the `newest` that ended last, in the order of `jobs`. */
export function worthKeeping(jobs: readonly Job[], newest: number): Job[] {
  const ended = jobs.filter((job) => !isOpen(job)).toSorted((a, b) => endOf(b) - endOf(a))
  const kept = new Set(ended.slice(0, newest).map(({id}) => id))
  return jobs.filter((job) => isOpen(job) || kept.has(job.id))
}

const endOf = ({endedAt, acceptedAt}: Job): number => endedAt ?? acceptedAt
