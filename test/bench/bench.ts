import {parseArgs} from 'node:util'
import {benchCascade} from './cascade.js'
import {benchCli} from './cli.js'
import {benchHealth} from './health.js'
import type {Figure, Limit, Row} from './measure.js'
import {benchRest} from './rest.js'
import {benchUpdates} from './updates.js'

/**
 * npm run --silent bench [-- NAME…] [--rounds N] [--seconds N]: JSON on stdout, the same as a table on stderr. Ends with 1
 * if a reach is missed. `--rounds` is of cascade, health and updates, `--seconds` is how long rest looks at the watcher.
 */
type Options = {readonly rounds: number; readonly seconds: number}

const BENCHES: Readonly<Record<string, (options: Options) => Promise<readonly (Row | Limit | Figure)[]>>> = {
  cli: benchCli,
  cascade: ({rounds}) => benchCascade(rounds),
  rest: ({seconds}) => benchRest(seconds),
  health: ({rounds}) => benchHealth(rounds),
  updates: ({rounds}) => benchUpdates(rounds),
}

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {json: {type: 'boolean'}, rounds: {type: 'string', default: '5'}, seconds: {type: 'string', default: '300'}},
})
const unknown = positionals.filter((name) => BENCHES[name] === undefined)

if (unknown.length > 0) {
  console.error(`There is no bench "${unknown.join(', ')}". There are: ${Object.keys(BENCHES).join(', ')}`)
  process.exitCode = 2
} else {
  const options = {rounds: Number(values.rounds), seconds: Number(values.seconds)}
  const rows: (Row | Limit | Figure)[] = []
  for (const [name, run] of Object.entries(BENCHES)) {
    if (positionals.length === 0 || positionals.includes(name)) rows.push(...(await run(options)))
  }
  rows.forEach((row) => console.error(`${row.holds ? '✓' : '✗'} ${textOf(row)}`))
  console.log(JSON.stringify(rows, null, 2))
  process.exitCode = rows.every(({holds}) => holds) ? 0 : 1
}

function textOf(row: Row | Limit | Figure): string {
  if ('most' in row) return `${row.name}: ${row.value} ${row.unit} (at most ${row.most})`
  if ('value' in row) return `${row.name}: ${row.value} ${row.unit}`
  const {name, median_ms, against, ratio, reach} = row
  return `${name}: ${median_ms} ms, ${ratio} × ${against}${reach === undefined ? '' : ` (reach ${reach})`}`
}
