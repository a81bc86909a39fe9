import type {Job, JobState} from '../model/update.js'
import {absent, either, isObject, isTrue, number, object, oneOf, orNone, parsed, pick, text, type Check} from './shape.js'

/** What of a job may change. */
export type JobChanges = Partial<
  Pick<Job, 'acceptedAt' | 'state' | 'attempts' | 'approved' | 'endedAt' | 'op' | 'summary' | 'offered' | 'told'>
>

/** A line of the queue. `log` is the first of each file, and tells it from every other one. */
export type JobLine =
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
