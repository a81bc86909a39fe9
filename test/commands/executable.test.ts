import {stat} from 'node:fs/promises'
import path from 'node:path'
import {expect, it} from 'vitest'

/** `ln -s … /usr/local/bin/homelab`, as the README has it, makes no command of a file that cannot be executed. */
it('the program that the README links can be executed', async () => {
  const {mode} = await stat(path.resolve(import.meta.dirname, '../../bin/run.cjs'))
  expect(mode & 0o100).toBe(0o100)
})
