import {spawn} from 'node:child_process'

/** One line of `npm run bench`: a median against another one of the same, interleaved run. */
export type Row = {
  readonly name: string
  readonly median_ms: number
  /** What it is compared with. */
  readonly against: string
  readonly ratio: number
  /** The ratio that may not be exceeded; undefined: it is only shown. */
  readonly reach: number | undefined
  readonly holds: boolean
}

/** One line of it: a figure against a limit. */
export type Limit = {readonly name: string; readonly value: number; readonly unit: string; readonly most: number; readonly holds: boolean}

/** A whole process, from its start to its end, in milliseconds. @throws Error if it does not end as it should. */
export type Timed = {readonly name: string; readonly file: string; readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv}

/** One line of it: a figure that is only shown. */
export type Figure = {readonly name: string; readonly value: number; readonly unit: string; readonly holds: true}

/** Runs all of them in turn, again and again, so that the machine's moods strike each alike. @returns medians by name. */
export async function interleave(commands: readonly Timed[], rounds: number): Promise<Map<string, number>> {
  const times = new Map(commands.map(({name}) => [name, [] as number[]]))
  for (const command of commands) await time(command) // one each that does not count
  for (let round = 0; round < rounds; round++) {
    for (const command of commands) times.get(command.name)?.push(await time(command))
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]))
}

function time({name, file, args, env}: Timed): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const child = spawn(file, args, {env, stdio: 'ignore'})
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve(performance.now() - began) : reject(new Error(`${name} ended with ${code}`))))
  })
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** @param reach The highest ratio that is good enough; without one the row is only shown. */
export function row(medians: ReadonlyMap<string, number>, name: string, against: string, reach?: number): Row {
  const [own = NaN, other = NaN] = [medians.get(name), medians.get(against)]
  const ratio = own / other
  const holds = reach === undefined || ratio <= reach
  return {name, median_ms: round(own), against, ratio: round(ratio), reach: reach === undefined ? undefined : round(reach), holds}
}

/** @param most The highest value that is good enough. */
export const limit = (name: string, value: number, unit: string, most: number): Limit => ({
  name,
  value: round(value),
  unit,
  most,
  holds: value <= most,
})

export const figure = (name: string, value: number, unit: string): Figure => ({name, value: round(value), unit, holds: true})

const round = (value: number): number => Math.round(value * 100) / 100
