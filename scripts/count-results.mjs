// Adds up vitest's JSON results and prints the closing line, with why tests were skipped. Ends with 1 if a result is missing,
// nothing ran, or a test was skipped without a reason: see test/support/scenario/needs.ts.
import {readdir, readFile} from 'node:fs/promises'
import path from 'node:path'

const [folder] = process.argv.slice(2)
const files = (await readdir(folder)).filter((file) => file.endsWith('.json'))
const results = await Promise.all(files.map(async (file) => JSON.parse(await readFile(path.join(folder, file), 'utf8'))))
const sum = (key) => results.reduce((total, result) => total + result[key], 0)
const [passed, failed, skipped] = [sum('numPassedTests'), sum('numFailedTests'), sum('numPendingTests') + sum('numTodoTests')]
const broken = results.some((result) => !result.success)

const NO_REASON = 'no reason given'
const reasonOf = ({fullName}, file) => {
  const given = /\[not run: ([^\]]+)\]/.exec(fullName)?.[1]
  // After a set-up that failed the tests of a file are skipped, too.
  return given ?? (file.status === 'failed' ? 'their set-up failed' : NO_REASON)
}
const reasons = new Map()
for (const file of results.flatMap(({testResults = []}) => testResults)) {
  for (const test of file.assertionResults.filter(({status}) => status !== 'passed' && status !== 'failed')) {
    const reason = reasonOf(test, file)
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
}
const why = [...reasons].map(([reason, count]) => `${count}: ${reason}`).join('; ')

const skippedWords = skipped > 0 ? `, ${skipped} skipped (${why})` : ''
console.log(`homelab: ${passed} passed, ${failed + (broken && failed === 0 ? 1 : 0)} failed${skippedWords}`)
process.exitCode = broken || failed > 0 || results.length < 2 || passed === 0 || reasons.has(NO_REASON) ? 1 : 0
