import type {Recorder} from './recorder.js'
import type {Reporter} from './report.js'

/** A reporter that also writes every outcome into the journal, in order. */
export function recording(reporter: Reporter, book: Recorder): {reporter: Reporter; written(): Promise<void>} {
  let last: Promise<void> = Promise.resolve()
  const own: Reporter = {
    ...reporter,
    ended: (outcome) => {
      reporter.ended(outcome)
      last = last.then(() => book.step(outcome))
    },
  }
  return {reporter: own, written: () => last}
}
