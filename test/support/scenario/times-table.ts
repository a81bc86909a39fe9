import type {Occupation} from '../../lab/time-spent.js'

/** A test, a hook or a whole file. `cpu`: how busy the machine was meanwhile, 0 to 1, others included. */
export type Timed = {
  readonly file: string
  readonly what: string
  readonly kind: 'test' | 'beforeAll' | 'afterAll' | 'file'
  readonly from: number
  readonly to: number
  readonly cpu: number
  on: Partial<Record<Occupation, number>>
}

const SLOWEST = 20
const HEAD = 'seconds  homelab  docker  polling    lab    CPU'

/** Two tables: each file with its set-up and end, and the slowest tests. @param seconds Of the whole run. */
export function timesTable(rows: readonly Timed[], seconds: number): string {
  const slowest = rows
    .filter(({kind}) => kind === 'test')
    .toSorted(byLength)
    .slice(0, SLOWEST)
  const files = rows.filter(({kind}) => kind === 'file').toSorted(byLength)
  return [
    '',
    `Files, ${seconds.toFixed(0)} s in all ("homelab": a command of ours runs; "polling": asking again until something holds)`,
    `${HEAD}  set-up    end  file`,
    ...files.map((file) => `${figures(file)}  ${hook(rows, file, 'beforeAll')} ${hook(rows, file, 'afterAll')}  ${file.file}`),
    '',
    `The slowest ${slowest.length} tests`,
    `${HEAD}  test`,
    ...slowest.map((test) => `${figures(test)}  ${test.file}: ${test.what}`),
  ].join('\n')
}

const lengthOf = ({from, to}: Timed): number => to - from
const byLength = (a: Timed, b: Timed): number => lengthOf(b) - lengthOf(a)
const inSeconds = (ms = 0, width = 7): string => (ms / 1000).toFixed(1).padStart(width)

const figures = (row: Timed): string =>
  [
    inSeconds(lengthOf(row)),
    inSeconds(row.on.homelab, 8),
    inSeconds(row.on.docker),
    inSeconds(row.on.polling, 8),
    inSeconds(row.on.lab, 6),
    `${Math.round(row.cpu * 100)} %`.padStart(6),
  ].join(' ')

const hook = (rows: readonly Timed[], {file}: Timed, kind: Timed['kind']): string =>
  inSeconds(
    rows.filter((row) => row.file === file && row.kind === kind).reduce((sum, row) => sum + lengthOf(row), 0),
    6,
  )
