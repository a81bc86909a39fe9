// npm run scenarios -- [part of a file's name …] [--times] [--changed [ref]] [options of vitest]
//   --times          where the time goes: a table of the files, and of the slowest tests
//   --list           every scenario by its title; runs none
//   --changed [ref]  only the scenarios of what changed since that commit (HEAD, if none is named)
import {spawnSync} from 'node:child_process'
import {changedScenarios} from './changed-scenarios.mjs'

const TIMES = ['--reporter=default', '--reporter=./test/support/scenario/times-reporter.ts']
const args = process.argv.slice(2)

function take(flag) {
  const at = args.indexOf(flag)
  if (at < 0) return undefined
  const value = args[at + 1]
  const named = flag === '--changed' && value !== undefined && isCommit(value)
  args.splice(at, named ? 2 : 1)
  return named ? value : 'HEAD'
}

function isCommit(word) {
  return spawnSync('git', ['rev-parse', '--verify', '--quiet', `${word}^{commit}`]).status === 0
}

const reporters = take('--times') === undefined ? [] : TIMES
const since = take('--changed')
const chosen = since === undefined ? [] : await changedScenarios(since)
if (since !== undefined && chosen.length === 0) {
  console.log(`No scenario belongs to what changed since ${since}.`)
  process.exit(0)
}
if (chosen.length > 0) console.log(`Scenarios of what changed since ${since}: ${chosen.join(' ')}`)
const verb = take('--list') === undefined ? 'run' : 'list'
const vitest = ['vitest', verb, '-c', 'vitest.scenarios.config.ts', ...chosen, ...args, ...reporters]
process.exitCode = spawnSync('npx', ['--no', ...vitest], {stdio: 'inherit'}).status ?? 1
