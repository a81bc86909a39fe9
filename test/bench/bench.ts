import {benchCli} from './cli.js'
import type {Row} from './measure.js'

/** npm run --silent bench [-- NAME]: JSON on stdout, the same as a table on stderr. Ends with 1 if a reach is missed. */
const BENCHES: Readonly<Record<string, () => Promise<Row[]>>> = {cli: benchCli}

const names = process.argv.slice(2).filter((word) => word !== '--json')
const unknown = names.filter((name) => BENCHES[name] === undefined)

if (unknown.length > 0) {
  console.error(`There is no bench "${unknown.join(', ')}". There are: ${Object.keys(BENCHES).join(', ')}`)
  process.exitCode = 2
} else {
  const rows: Row[] = []
  for (const [name, run] of Object.entries(BENCHES)) if (names.length === 0 || names.includes(name)) rows.push(...(await run()))
  for (const {name, median_ms, against, ratio, reach, holds} of rows) {
    console.error(`${holds ? '✓' : '✗'} ${name}: ${median_ms} ms, ${ratio} × ${against} (reach ${reach})`)
  }
  console.log(JSON.stringify(rows, null, 2))
  process.exitCode = rows.every(({holds}) => holds) ? 0 : 1
}
