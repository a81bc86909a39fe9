import {readFile} from 'node:fs/promises'
import {setTimeout as sleep} from 'node:timers/promises'
import {execa} from 'execa'
import {openWorkshop} from '../lab/workshop.js'
import {limit, type Limit} from './measure.js'
import {startWatcher} from './watcher.js'

const MOST_MB = 80
const MOST_PERCENT = 0.2
/** Its start, and what the last service that came up had to say, are no rest. */
const SETTLE_MS = 20_000
const SAMPLE_MS = 10_000

/** What the watcher costs when nothing happens, with every stack of the homelab up. */
export async function benchRest(seconds: number): Promise<Limit[]> {
  const workshop = await openWorkshop()
  const lab = await workshop.lab()
  try {
    const up = await lab.homelab(['stack', 'all', 'up'])
    if (up.exitCode !== 0) throw new Error(`the lab did not come up:\n${String(up.all)}`)
    const watcher = await startWatcher(lab)
    try {
      await watcher.whole()
      await sleep(SETTLE_MS)
      return await atRest(watcher.pid, seconds)
    } finally {
      await watcher.stop()
    }
  } finally {
    await lab.destroy()
    await workshop.close()
  }
}

async function atRest(pid: number, seconds: number): Promise<Limit[]> {
  const began = performance.now()
  const before = await cpuSeconds(pid)
  let most = 0
  while (performance.now() - began < seconds * 1000) {
    await sleep(SAMPLE_MS)
    most = Math.max(most, await residentMb(pid))
  }
  const elapsed = (performance.now() - began) / 1000
  const percent = (((await cpuSeconds(pid)) - before) / elapsed) * 100
  const during = `the watcher at rest, ${Math.round(elapsed)} s`
  return [limit(`${during}: resident memory`, most, 'MB', MOST_MB), limit(`${during}: CPU`, percent, '% of a core', MOST_PERCENT)]
}

/** Its own, and that of children that have ended; proc_pid_stat(5). */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The second field is the name in brackets, which may hold blanks: what follows begins with the third.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  const {stdout} = await execa('getconf', ['CLK_TCK'])
  return ticks / Number(stdout)
}

/** The highest since its last sample would hide in VmHWM, which counts its start. */
async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000
}
