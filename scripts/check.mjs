// npm run check: everything that needs no Docker. Two lanes, for two cores: the unit tests take as long as all the others together.
// What a check printed follows when it has ended. Ends with 1 if one failed; the others run on.
//   --results <folder>   also writes the unit tests' results there, for scripts/count-results.mjs
import {spawn} from 'node:child_process'

const at = process.argv.indexOf('--results')
const reporters = at < 0 ? [] : ['--reporter=default', '--reporter=json', `--outputFile.json=${process.argv[at + 1]}/unit.json`]
const LANES = [[['types'], ['lint'], ['format:check'], ['dead']], [['unit', '--', ...reporters]]]

/** @returns {Promise<boolean>} whether it passed */
function check([script, ...args]) {
  const began = performance.now()
  return new Promise((resolve) => {
    let output = ''
    const child = spawn('npm', ['run', '--silent', script, ...args], {stdio: ['ignore', 'pipe', 'pipe']})
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.on('close', (code) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(0)
      console.log(`check: ${script} ${code === 0 ? 'passed' : 'FAILED'} (${seconds} s)\n${output.trimEnd()}`.trimEnd())
      resolve(code === 0)
    })
  })
}

async function lane(checks) {
  let passed = true
  for (const one of checks) passed = (await check(one)) && passed
  return passed
}

const passed = await Promise.all(LANES.map(lane))
process.exitCode = passed.every(Boolean) ? 0 : 1
