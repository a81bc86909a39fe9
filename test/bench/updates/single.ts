import type {Lab} from '../../lab/lab.js'
import {openStage, type Stage} from '../cascade/stage.js'
import {median, row, type Row} from '../measure.js'
import {succeed} from './succeed.js'
import {notes, timed} from './timed.js'

const OWN = 'homelab stack torrent update sonarr'
const RAW = 'docker compose pull && docker compose up --wait'
const REACH = 1.1
/** Milliseconds above it: a process that starts. */
const MORE_MS = 150

/** One service, whose tag names another image: homelab against Compose by hand, in turn. */
export async function benchSingle(lab: Lab, rounds: number): Promise<Row[]> {
  const stage = await openStage(lab)
  try {
    await stage.bringUp(0)
    const {note, times} = notes()
    let version = 0
    const fresh = (): Promise<void> => lab.push('sonarr', {version: `2.${++version}.0`})
    for (let round = 0; round <= rounds; round++) {
      await fresh()
      const own = await timed(() => succeed(lab, 'stack', 'torrent', 'update', 'sonarr'))
      await fresh()
      const raw = await timed(() => byHand(stage))
      // The first does not count.
      if (round === 0) continue
      note(OWN, own)
      note(RAW, raw)
    }
    const medians = new Map([...times].map(([name, found]) => [name, median(found)]))
    return [row(medians, OWN, RAW, REACH + MORE_MS / (medians.get(RAW) ?? NaN))]
  } finally {
    stage.events.close()
  }
}

async function byHand(stage: Stage): Promise<void> {
  await stage.compose('pull', '--quiet', 'sonarr')
  await stage.compose('up', '--detach', '--no-deps', '--wait', 'sonarr')
}
