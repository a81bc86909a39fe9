import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {spawnSync} from 'node:child_process'
import {expect, it, onTestFinished} from 'vitest'

const SCRIPT = path.resolve(import.meta.dirname, '../../../scripts/count-results.mjs')

type Test = {status: string; fullName: string}

/** vitest's own JSON, as far as the script reads it. */
const resultOf = (tests: Test[], status = 'passed'): unknown => ({
  success: status === 'passed',
  numPassedTests: tests.filter((one) => one.status === 'passed').length,
  numFailedTests: tests.filter((one) => one.status === 'failed').length,
  numPendingTests: tests.filter((one) => one.status === 'skipped').length,
  numTodoTests: 0,
  testResults: [{status, assertionResults: tests}],
})

async function count(...results: readonly unknown[]): Promise<{line: string | undefined; code: number | null}> {
  const folder = await mkdtemp(path.join(tmpdir(), 'homelab-results-'))
  onTestFinished(() => rm(folder, {recursive: true, force: true}))
  for (const [index, result] of results.entries()) await writeFile(path.join(folder, `${index}.json`), JSON.stringify(result))
  const {stdout, status} = spawnSync(process.execPath, [SCRIPT, folder], {encoding: 'utf8'})
  return {line: stdout.trim().split('\n').at(-1), code: status}
}

const passed = {status: 'passed', fullName: 'a test'}
const skipped = (why: string): Test => ({status: 'skipped', fullName: `a group${why} a test`})

it('says in the last line why tests were skipped, and how many for each reason', async () => {
  const needsRoot = skipped(' [not run: it needs root]')
  const needsProgram = skipped(' [not run: it needs the program dockerd]')
  expect(await count(resultOf([passed]), resultOf([passed, needsRoot, needsProgram, needsRoot]))).toEqual({
    line: 'homelab: 2 passed, 0 failed, 3 skipped (2: it needs root; 1: it needs the program dockerd)',
    code: 0,
  })
})

it('does not accept a test that was skipped without a reason', async () => {
  expect(await count(resultOf([passed]), resultOf([passed, skipped('')]))).toEqual({
    line: 'homelab: 2 passed, 0 failed, 1 skipped (1: no reason given)',
    code: 1,
  })
})

it('tells the tests of a file whose set-up failed from those', async () => {
  expect(await count(resultOf([passed]), resultOf([passed, skipped('')], 'failed'))).toEqual({
    line: 'homelab: 2 passed, 1 failed, 1 skipped (1: their set-up failed)',
    code: 1,
  })
})

it('fails when the results of one of the two runs are missing', async () => {
  expect((await count(resultOf([passed]))).code).toBe(1)
})
