import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {openJobs} from '../../../../src/lib/update/queue/jobs.js'
import {bundled} from '../../../support/unit/bundled.js'
import {aJob} from '../../../support/unit/job.js'
import {memoryLog} from '../../../support/unit/memory-log.js'
import {tempFolder} from '../../../support/unit/temp-folder.js'

const ADDER = bundled(path.join(import.meta.dirname, '../../../support/unit/add-jobs.ts'))

type Adder = {readonly child: ChildProcess; readonly ended: Promise<unknown>; acknowledged(): string[]}

function adder(folder: string, name: string, most: number, ...more: string[]): Adder {
  const args = [ADDER, folder, name, String(most), ...more]
  const child = spawn(process.execPath, args, {stdio: ['ignore', 'pipe', 'inherit']})
  let output = ''
  child.stdout.on('data', (text: Buffer) => (output += text.toString()))
  // Without what comes after the last line end, which was torn by the kill.
  return {child, ended: once(child, 'close'), acknowledged: () => output.split('\n').slice(0, -1)}
}

const open = (folder: string) => openJobs(folder, {now: () => new Date(), log: memoryLog()})

describe('the queue of updates, with several processes', () => {
  it('loses nothing when others append while one compacts', {timeout: 120_000}, async () => {
    const folder = await tempFolder()
    const adders = [adder(folder, 'a', 400), adder(folder, 'b', 400), adder(folder, 'c', 200, 'compact')]
    expect(await Promise.all(adders.map(({ended}) => ended))).toEqual(Array(3).fill([0, null]))
    const acknowledged = adders.flatMap((one) => one.acknowledged())
    expect(acknowledged).toHaveLength(1_000)
    const all = await open(folder).all()
    expect(all.map(({id}) => id).toSorted()).toEqual(acknowledged.toSorted())
    expect(all.filter(({state}) => state === 'done')).toHaveLength(40)
    expect(all.filter(({attempts}) => attempts === 1)).toHaveLength(160)
  })

  it('has all that was acknowledged when processes are killed, 10 rounds', {timeout: 240_000}, async () => {
    const folder = await tempFolder()
    const acknowledged: string[] = []
    for (let round = 0; round < 10; round++) {
      const adders = [adder(folder, `a${round}`, 1_000_000), adder(folder, `b${round}`, 1_000_000, 'compact')]
      while (adders.some((one) => one.acknowledged().length === 0)) await sleep(5)
      await sleep(20 + round * 15)
      adders.forEach(({child}) => child.kill('SIGKILL'))
      await Promise.all(adders.map(({ended}) => ended))
      acknowledged.push(...adders.flatMap((one) => one.acknowledged()))
      const jobs = open(folder)
      await jobs.add([aJob(`after${round}`)])
      const found = new Set((await jobs.all()).map(({id}) => id))
      expect(acknowledged.filter((id) => !found.has(id))).toEqual([])
      expect(found).toContain(`after${round}`)
    }
    expect(acknowledged.length).toBeGreaterThan(100)
  })
})
