import {setTimeout as sleep} from 'node:timers/promises'
import {openWorkshop} from '../lab/workshop.js'
import {CAUSES, RAW} from './cascade/raw.js'
import {openStage, type Stage} from './cascade/stage.js'
import {watchRepair, type Play, type Times} from './cascade/watch-repair.js'
import {median, row, type Row} from './measure.js'
import {startWatcher} from './watcher.js'

const REACH = 1.15
/** Seconds that dependents take to stop. */
const STOPS = [0, 3] as const

type Repair = keyof typeof RAW
type Cause = keyof typeof CAUSES

const CASES: readonly {readonly cause: Cause; readonly floor: Repair}[] = [
  {cause: 'restarted', floor: 'stop, start'},
  {cause: 'recreated', floor: 'stop and remove, compose up'},
]
/** Once each, to compare. */
const OTHERS: readonly Repair[] = ['restart in parallel', 'compose up --force-recreate', 'one by one stop and remove, compose up']

/** From the gateway's "healthy" to everybody back: the watcher against the same by hand, in turn. */
export async function benchCascade(rounds: number): Promise<Row[]> {
  const workshop = await openWorkshop()
  const lab = await workshop.lab()
  const stage = await openStage(lab)
  try {
    const rows: Row[] = []
    for (const seconds of STOPS) {
      await stage.bringUp(seconds)
      rows.push(...(await benchStop(stage, rounds, seconds)))
    }
    return rows
  } finally {
    stage.events.close()
    await lab.destroy()
    await workshop.close()
  }
}

async function benchStop(stage: Stage, rounds: number, seconds: number): Promise<Row[]> {
  const times = new Map<string, Times[]>()
  const note = (name: string, found: Times): void => {
    times.set(name, [...(times.get(name) ?? []), found])
    console.error(`  ${name}, ${seconds} s to stop: ${Math.round(found.reachable)} / ${Math.round(found.healthy)} ms`)
  }
  for (let round = 0; round < rounds; round++) {
    for (const {cause, floor} of CASES) {
      note(`homelab, ${cause}`, await byHomelab(stage, CAUSES[cause]))
      note(`${floor}, ${cause}`, await byHand(stage, {cause: CAUSES[cause], repair: RAW[floor]}))
    }
  }
  for (const other of OTHERS) note(`${other}, restarted`, await byHand(stage, {cause: CAUSES.restarted, repair: RAW[other]}))
  return (['reachable', 'healthy'] as const).flatMap((what) => compare(times, what, seconds))
}

/** Between two plays, milliseconds: what the last one left running has calmed down. */
const CALM_MS = 1_000

async function byHand(stage: Stage, play: Play): Promise<Times> {
  await sleep(CALM_MS)
  return watchRepair(stage, play)
}

/** It runs only for this: it would help the others. */
async function byHomelab(stage: Stage, cause: Play['cause']): Promise<Times> {
  const watcher = await startWatcher(stage.lab)
  try {
    await watcher.whole()
    const found = await byHand(stage, {cause, repair: () => Promise.resolve()})
    await watcher.whole()
    return found
  } finally {
    await watcher.stop()
  }
}

function compare(times: ReadonlyMap<string, readonly Times[]>, what: keyof Times, seconds: number): Row[] {
  const label = (name: string): string => `${name}, ${seconds} s to stop, all ${what}`
  const medians = new Map([...times].map(([name, found]) => [label(name), median(found.map((one) => one[what]))]))
  return [
    ...CASES.map(({cause, floor}) => row(medians, label(`homelab, ${cause}`), label(`${floor}, ${cause}`), REACH)),
    ...OTHERS.map((other) => row(medians, label(`${other}, restarted`), label('homelab, restarted'))),
  ]
}
