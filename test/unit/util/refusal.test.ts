import {readFile} from 'node:fs/promises'
import {expect, it} from 'vitest'
import {refusal} from '../../../src/lib/util/errors.js'
import {usable} from '../../../src/lib/storage/json-file.js'

it('is what the system says', async () => {
  const error: unknown = await readFile('/nowhere/at/all').catch((thrown: unknown) => thrown)
  expect(refusal(error)).toBe("ENOENT: no such file or directory, open '/nowhere/at/all'")
})

it.each([
  ['a type', () => (undefined as unknown as {name: string}).name],
  ['a range', () => 'x'.repeat(-1)],
])('of a mistake of our own (%s) nothing is made: it stays what it is', (_, mistake) => {
  const thrown = (() => {
    try {
      return mistake()
    } catch (error) {
      return error
    }
  })()
  expect(() => refusal(thrown)).toThrow(thrown)
})

it('a mistake in the middle of what a file is used for is not told as a file that cannot be used', async () => {
  const mistake = () => Promise.resolve((undefined as unknown as {name: string}).name.length)
  await expect(usable('The journal', async () => mistake())).rejects.toThrow(TypeError)
})
