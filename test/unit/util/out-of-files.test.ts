import {describe, expect, it} from 'vitest'
import {outOfFiles} from '../../../src/lib/util/errors.js'
import {portOf} from '../../../src/lib/watch/webhook/listener.js'

const coded = (code: string): Error => Object.assign(new Error(`${code}: too many open files`), {code})

describe('a process that may open no more files', () => {
  it.each([
    coded('EMFILE'),
    coded('ENFILE'),
    new Error('fetch failed', {cause: coded('EMFILE')}),
    new TypeError('c.stdio is not iterable'),
  ])('is told, and is no bug: %s', (error) => {
    expect(outOfFiles(error)).toMatchObject({exitCode: 1, passing: true, next: ['ulimit -n', expect.any(String)]})
  })

  it.each([coded('ENOENT'), new TypeError('x is not a function'), new TypeError('names is not iterable'), 'EMFILE', undefined])(
    'is not what else goes wrong: %s',
    (error) => {
      expect(outOfFiles(error)).toBeUndefined()
    },
  )
})

it('the port of the webhook is one, or is told', () => {
  expect(portOf('8182')).toBe(8182)
  for (const text of ['99999', '0', 'abc', '-1', '8182x', '1e3'])
    expect(() => portOf(text)).toThrow(`WUD_WEBHOOK_PORT in compose/.env is "${text}", which is no port.`)
})
