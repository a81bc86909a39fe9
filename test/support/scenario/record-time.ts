import {afterAll, beforeAll} from 'vitest'
import {onTimeSpent, type Spent} from '../../lab/time-spent.js'

declare module 'vitest' {
  interface TaskMeta {
    timeSpent?: Spent[]
  }
}

/** Each file hands what it did with its time to the reporter (times-reporter.ts). */
const spent: Spent[] = []
onTimeSpent((one) => spent.push(one))

// Vitest reads the names of fixtures out of the first parameter: it has to be a pattern.
beforeAll(({}, file) => {
  file.meta.timeSpent = spent
})
afterAll(({}, file) => {
  file.meta.timeSpent = spent
})
