import {readFile} from 'node:fs/promises'
import {expect, it} from 'vitest'
import {DEFAULTS, parseConfiguration} from '../../../src/lib/config/load.js'

const EXAMPLE = new URL('../../../homelab.example.yml', import.meta.url)

it('accepts the commented example as it is, and with every optional key switched on', async () => {
  const text = await readFile(EXAMPLE, 'utf8')
  const plain = await parseConfiguration(text, 'homelab.example.yml')
  expect(plain.timeouts).toEqual(DEFAULTS.timeouts)
  expect(plain.compose).toBe(DEFAULTS.compose)

  const switchedOn = text.replace(/^( *)# (context:|books:|  files:)/gm, '$1$2')
  const full = await parseConfiguration(switchedOn, 'homelab.example.yml')
  expect(full.context).toBe('nas')
  expect(full.stacks.books?.files).toEqual(['library/books.yml', 'library/books.nas.yml'])
})
