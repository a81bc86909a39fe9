import {expect, it} from 'vitest'
import {judged} from '../../../src/lib/health/clock.js'

it.each([
  ['yes', {is: 'good'}],
  ['no', {is: 'bad'}],
  ['', {is: 'unknown', optional: true}],
  [undefined, {is: 'unknown', optional: true}],
])('timedatectl that says %s', (said, finding) => {
  expect(judged(said)).toMatchObject(finding)
})
