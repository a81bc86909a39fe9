import path from 'node:path'
import type {Log} from '../../model/log.js'
import {configurationError, OperatorError, refusal} from '../../util/errors.js'
import type {Job} from '../../model/update.js'
import {writeAtomically, clearLeftOvers} from '../../storage/atomic-file.js'
import {exclusively} from '../../storage/lock.js'
import {groupCommit} from '../../storage/group-commit.js'
import {worthKeeping, toLine, type JobChanges, appendLines, firstLine} from './log.js'
import {jobReader, type Found} from './reader.js'

/** Jobs that ended, which a compaction keeps for people to look at. */
const ENDED = 500
/** Seconds to wait for other processes; each holds the lock for a fraction of one. */
const WAIT_S = 30

/** The queue of accepted updates. All processes of homelab share it. Each call throws an OperatorError that names the file. */
export type Jobs = {
  /** Oldest first, as they stand on disk. Reads only what was appended since the last time. */
  all(): Promise<readonly Job[]>
  /** They are on disk when this returns. If it throws, some of them may be there all the same; their ids count once. */
  add(jobs: readonly Job[]): Promise<void>
  /** It is on disk when this returns. A job that is not there any more stays away. */
  change(id: string, changes: JobChanges): Promise<void>
  /** Rewrites the file with all jobs that are open and the newest 500 that ended, if it has more than that. */
  compact(): Promise<void>
}

/**
 * An append-only log, `<folder>/updates/jobs.jsonl`. Nothing is read or made before it is used.
 *
 * Who appends holds the lock that a compaction holds too, so no line can go to a file that has just been replaced. The
 * lock costs some 5 ms, as it is taken by a child process; it is taken once for all groups of lines that follow each
 * other, so it weighs on a lone call and not on a storm of them. (Without it an appender would have to see afterwards
 * that its file was replaced, and a compaction that is killed between its look at the old file and its new one would
 * still lose what had been acknowledged.)
 */
export function openJobs(folder: string, {now, log}: {readonly now: () => Date; readonly log: Log}): Jobs {
  const file = path.join(folder, 'updates', 'jobs.jsonl')
  const lock = path.join(folder, 'locks', 'updates-jobs.lock')
  const read = warning(jobReader(file), file, log)
  const locked = (work: () => Promise<void>): Promise<void> =>
    exclusively(lock, {doing: 'homelab writes the queue of updates', what: 'The queue of updates', wait: WAIT_S, now}, work)
  const append = groupCommit(locked, (lines) => appendLines(file, lines))
  const add = (lines: readonly string[]): Promise<void> => named(file, 'written', () => append(lines))
  return {
    all: () => named(file, 'read', async () => (await read()).jobs),
    add: async (jobs) => {
      if (jobs.length > 0) await add(jobs.map((job) => toLine({kind: 'job', job})))
    },
    change: (id, changes) => add([toLine({kind: 'change', id, changes})]),
    compact: () => named(file, 'written', () => locked(() => rewrite(file, read))),
  }
}

async function rewrite(file: string, read: () => Promise<Found>): Promise<void> {
  const {jobs, good, bad} = await read()
  const kept = worthKeeping(jobs, ENDED)
  // Besides the first line it has what it would have afterwards.
  if (good + bad <= kept.length + 1) return
  await clearLeftOvers(file)
  await writeAtomically(file, [firstLine(), ...kept.map((job) => toLine({kind: 'job', job}))].join(''))
}

/** What is found at every look is worth a line when there is more of it. */
function warning(read: () => Promise<Found>, file: string, log: Log): () => Promise<Found> {
  let told = 0
  return async () => {
    const found = await read()
    if (found.bad > told) {
      log.warn(
        `${file} has ${found.bad} damaged ${found.bad === 1 ? 'line, which is' : 'lines, which are'} left out: a process was killed, or the disk was full.`,
      )
    }
    told = found.bad
    return found
  }
}

async function named<T>(file: string, how: 'read' | 'written', work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OperatorError) throw error
    throw configurationError(`The queue of updates, ${file}, cannot be ${how}: ${refusal(error)}`, [
      `See whether there is room, and whether it may be ${how}: df -h ${path.dirname(file)}`,
      'Run the command with sudo, or as the user that homelab watch runs as',
    ])
  }
}
