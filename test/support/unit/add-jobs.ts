import {openJobs} from '../../../src/lib/update/queue/jobs.js'
import {aJob} from './job.js'

// A process of its own for test/unit/state/jobs*.test.ts: <folder> <name> <jobs> [compact]. Adds from four lanes at once
// and says on stdout what is on disk; with `compact` it changes them, and compacts now and then. (Few end, as a compaction forgets those in the end.)
const [folder = '', name = '', most = '', compact] = process.argv.slice(2)
const log = {info: () => undefined, warn: () => undefined, error: () => undefined}
const jobs = openJobs(folder, {now: () => new Date(), log})

const add = async (lane: number) => {
  for (let count = 0; count < Number(most) / 4; count++) {
    const id = `${name}.${lane}.${count}`
    // Some are longer than a page, which is what the kernel copies at once.
    await jobs.add([aJob(id, {summary: 'x'.repeat(count % 10 === 0 ? 1_900 : 40)})])
    process.stdout.write(`${id}\n`)
    if (compact === undefined) continue
    await jobs.change(id, count < 10 ? {state: 'done', endedAt: count} : {attempts: 1})
    if (count % 5 === 0) await jobs.compact()
  }
}
await Promise.all([1, 2, 3, 4].map(add))
