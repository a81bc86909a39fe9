import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {expect, it} from 'vitest'
import {exitCode} from '../../src/lib/util/errors.js'

/** Scripts and cron depend on them: a code never changes its meaning. */
it('every exit code is the one that the README promises', async () => {
  const readme = await readFile(path.resolve(import.meta.dirname, '../../README.md'), 'utf8')
  const table = /### Exit codes\n([\s\S]*?)\n\n(?!\|)(?=\S)/.exec(readme)?.[1] ?? ''
  const promised = new Map([...table.matchAll(/^\| (\d+) \| ([^:;|]+)/gm)].map(([, code, words]) => [Number(code), words!.trim()]))
  expect(promised.get(exitCode.done)).toMatch(/^done/)
  expect(promised.get(exitCode.failed)).toMatch(/^failed/)
  expect(promised.get(exitCode.usage)).toMatch(/^wrong usage/)
  expect(promised.get(exitCode.rolledBack)).toMatch(/rolled back/)
  expect(promised.get(exitCode.busy)).toMatch(/works on the stack/)
  expect(promised.get(exitCode.configuration)).toMatch(/configuration is wrong/)
  expect(promised.get(exitCode.cancelled)).toMatch(/cancelled/)
  expect([...promised.keys()].toSorted()).toEqual(Object.values(exitCode).toSorted())
})
