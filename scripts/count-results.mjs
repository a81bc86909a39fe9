// Adds up vitest's JSON results and prints the closing line. Ends with 1 if a result is missing or nothing ran.
import {readdir, readFile} from 'node:fs/promises'
import path from 'node:path'

const [folder] = process.argv.slice(2)
const files = (await readdir(folder)).filter((file) => file.endsWith('.json'))
const results = await Promise.all(files.map(async (file) => JSON.parse(await readFile(path.join(folder, file), 'utf8'))))
const sum = (key) => results.reduce((total, result) => total + result[key], 0)
const [passed, failed, skipped] = [sum('numPassedTests'), sum('numFailedTests'), sum('numPendingTests') + sum('numTodoTests')]
const broken = results.some((result) => !result.success)

console.log(`homelab: ${passed} passed, ${failed + (broken && failed === 0 ? 1 : 0)} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = broken || failed > 0 || results.length < 2 || passed === 0 ? 1 : 0
