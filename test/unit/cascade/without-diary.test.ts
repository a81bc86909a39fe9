import {describe, expect, it} from 'vitest'
import type {CascadeHands} from '../../../src/lib/cascade/observe.js'
import {goingOnWithoutDiary} from '../../../src/lib/cascade/without-diary.js'
import {aMemory, parked} from '../../support/unit/cascade.js'
import {type CascadeMemory, NOTHING_REMEMBERED} from '../../../src/lib/model/cascade.js'

function onDisk() {
  const disk = {full: false, memory: NOTHING_REMEMBERED, lines: 0, ops: new Array<string>()}
  const said: string[] = []
  const wrap = goingOnWithoutDiary((text) => said.push(text))
  const room = async (): Promise<void> => {
    if (disk.full) throw new Error('The file cannot be written: ENOSPC: no space left on device.')
  }
  const hands = {
    journal: {append: async ({op}: {op: string}) => (await room(), disk.ops.push(op), void disk.lines++)},
    memory: {
      read: async () => disk.memory,
      write: async (_: string, memory: CascadeMemory) => (await room(), void (disk.memory = memory)),
    },
  } as unknown as CascadeHands
  return {disk, said, hands: () => wrap(hands)}
}

describe('a cascade whose journal and memory cannot be written', () => {
  it('goes on, keeps in this process what it could not write, and says so once', async () => {
    const {disk, said, hands} = onDisk()
    disk.full = true
    const memory = aMemory({parked: parked('sonarr')})
    await hands().journal.append({} as never)
    await hands().memory.write('p', memory)
    await hands().journal.append({} as never)
    expect(await hands().memory.read('p')).toEqual(memory)
    expect(disk).toMatchObject({memory: NOTHING_REMEMBERED, lines: 0})
    expect(said).toEqual([expect.stringMatching(/ENOSPC.*The repair goes on without it/)])
  })

  it('writes the lines that it could not write in their order, each once, also of steps that end side by side', async () => {
    const {disk, hands} = onDisk()
    const append = (op: string): Promise<void> => hands().journal.append({op} as never)
    disk.full = true
    await append('first')
    disk.full = false
    await Promise.all(['second', 'third', 'fourth'].map(append))
    expect(disk.ops).toEqual(['first', 'second', 'third', 'fourth'])
  })

  it('writes it when there is room again, and says that too', async () => {
    const {disk, said, hands} = onDisk()
    const memory = aMemory({parked: parked('sonarr')})
    disk.full = true
    await hands().memory.write('p', memory)
    disk.full = false
    expect(await hands().memory.read('p')).toEqual(memory)
    expect(disk.memory).toEqual(memory)
    await hands().journal.append({} as never)
    expect(disk.lines).toBe(1)
    expect(said).toHaveLength(2)
    // Another process may write it from here on.
    disk.memory = NOTHING_REMEMBERED
    expect(await hands().memory.read('p')).toEqual(NOTHING_REMEMBERED)
  })
})
