import {expect, it} from 'vitest'
import {parseDotenv} from '../../../src/lib/config/dotenv.js'

// Held against Compose itself: test/scenarios/env-file.test.ts.
it.each<[string, Record<string, string>]>([
  ['A=tok#123\nB=x # a comment', {A: 'tok#123', B: 'x'}],
  ['A = v\nB: v', {A: 'v', B: 'v'}],
  ['B=/mnt\nA=${B}/media', {B: '/mnt', A: '/mnt/media'}],
  ['A=${NONE:-x}${NONE-}y', {A: 'xy'}],
  ['A="it\\"s"\nB=\'$A\'', {A: 'it"s', B: '$A'}],
  ['A=`x`\nexport B="a\\nb"', {A: '`x`', B: 'a\nb'}],
])('%j', (text, variables) => {
  expect(parseDotenv(text)).toEqual(variables)
})

it('what the environment has wins where a value names it, and a name alone is taken from it', () => {
  expect(parseDotenv('A=1\nB=$A\nC\nD\n', (name) => ({A: '2', C: '3'})[name])).toEqual({A: '1', B: '2', C: '3'})
})

it.each([
  ['A=1\nB="marker\n', 'line 2: a quoted value has no end'],
  ['A=1\n\nmar/ker=2\n', 'line 3: the name of a variable has letters, digits and _ . - [ ] only'],
  ['A=${marker\n', 'line 1: ${ has no } after a name of a variable'],
  ['A=${B:?marker}\n', 'line 1: a variable that is required (?) has no value'],
])('%j is refused, without a word of it', (text, message) => {
  expect(() => parseDotenv(text)).toThrow(new Error(message))
})
