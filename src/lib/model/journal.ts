/** What the journal keeps of an operation, a JSON object a line. Part of the program's interface: fields are added, never renamed. */

/** `at`: ISO 8601, UTC. `op`: the operation that the line belongs to. */
type Line = {readonly op: string; readonly at: string}

type JournalStep = {readonly action: string; readonly target: string; readonly reason: string}

/** Verbs of what is done beside an operation on the same stack: to the tunnel, and to the forwarded port. */
export const ASIDE: readonly string[] = ['tunnel', 'port']

/** How an operation ended. `unhealthy`: done, but something that was started is not well. */
export type OperationResult = 'done' | 'unhealthy' | 'failed' | 'cancelled' | 'rolled-back'

export type JournalRecord =
  | (Line & {
      readonly kind: 'began'
      readonly stack: string
      /** "cascade", "update", … */
      readonly verb: string
      /** Who asked: "watch", or "command" with a person or cron behind it. */
      readonly by: 'watch' | 'command'
      /** What made it necessary, for people: "gluetun restarted at 02:13:05". */
      readonly trigger: string
    })
  | (Line & {readonly kind: 'planned'; readonly steps: readonly JournalStep[]})
  | (Line &
      JournalStep & {
        readonly kind: 'step'
        readonly result: string
        readonly seconds: number
        readonly message?: string
      })
  | (Line & {
      readonly kind: 'ended'
      readonly result: OperationResult
      readonly seconds: number
      /** One sentence for people. */
      readonly summary: string
    })

/** Where operations are written down. A line is on disk when `append` returns. */
export interface Journal {
  append(record: JournalRecord): Promise<void>
}

/** Of an operation that nobody writes down: a dry run, a test. */
export const noJournal: Journal = {append: () => Promise.resolve()}
