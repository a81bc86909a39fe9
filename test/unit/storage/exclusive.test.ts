import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {OperatorError} from '../../../src/lib/util/errors.js'
import {exclusively} from '../../../src/lib/storage/lock.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const options = {doing: 'a test', what: 'The list', wait: 0, now: () => new Date()}

describe('what one process at a time may do', () => {
  it('is an error that names the lock, 75, when another one does it for long', async () => {
    const file = path.join(await tempFolder(), 'list.lock')
    await exclusively(file, options, async () => {
      await expect(exclusively(file, options, async () => 1)).rejects.toMatchObject({
        exitCode: 75,
        message: `The list is in use: ${file} has been held for more than 0 seconds.`,
        next: [`See who holds it: cat ${file}`],
      })
    })
  })

  it('throws what the work throws', async () => {
    const file = path.join(await tempFolder(), 'list.lock')
    const busy = new OperatorError('Busy elsewhere.', {exitCode: 75})
    await expect(exclusively(file, options, () => Promise.reject(busy))).rejects.toBe(busy)
  })
})
