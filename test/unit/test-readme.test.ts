import {readdir, readFile} from 'node:fs/promises'
import path from 'node:path'
import {expect, it} from 'vitest'

const TEST = path.resolve(import.meta.dirname, '..')

it('test/README.md says of each scenario file what it proves, and of no other', async () => {
  const files = (await readdir(path.join(TEST, 'scenarios'))).filter((name) => name.endsWith('.test.ts'))
  const table = (await readFile(path.join(TEST, 'README.md'), 'utf8')).split('| file | proves that |')[1] ?? ''
  const named = [...table.matchAll(/^\| ([a-z-]+) \| \S/gm)].map(([, name]) => name)
  expect(named).toEqual(files.map((name) => name.replace('.test.ts', '')).toSorted())
})
