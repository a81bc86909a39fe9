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
      // It is told by `written`; Node would end the process meanwhile, as nobody listens yet.
      last.catch(() => undefined)
    },
  }
  return {reporter: own, written: () => last}
}
