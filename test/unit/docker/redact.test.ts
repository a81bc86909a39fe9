import {expect, it} from 'vitest'
import {concealer} from '../../../src/lib/docker/redact.js'

it('hides the secrets of .env in what other programs say, and nothing else', () => {
  const conceal = concealer({WUD_WEBHOOK_TOKEN: 'hunter2-secret', MEDIA_DIR: '/mnt/media', PIN_KEY: '1234'})
  expect(conceal('invalid size: "hunter2-secret" in /mnt/media 1234')).toBe('invalid size: "***" in /mnt/media 1234')
})

it('hides what follows a quote that is not closed', () => {
  const said = 'failed to read .env: line 3: unterminated quoted value "abc\ndef\nghi'
  expect(concealer({})(said)).toBe('failed to read .env: line 3: unterminated quoted value (not shown here)')
})
