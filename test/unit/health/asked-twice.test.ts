import {expect, it} from 'vitest'
import {askedTwice, isLate, strainOf} from '../../../src/lib/health/asked-twice.js'
import type {Finding, Subject} from '../../../src/lib/model/finding.js'

const probe = (is: Finding['is'], says: string): Finding => ({is, check: 'probe', says})
const late = (check = 'probe'): Finding => ({is: 'bad', check, says: 'no answer within 2 s', late: true})
const subject = (name: string, ...findings: Finding[]): Subject => ({area: 'torrent', subject: name, findings})
const docker = (...findings: Finding[]): Subject => ({area: 'host', subject: 'docker', findings})
const answers: Finding = {is: 'good', check: 'engine', says: '26.1.5 answers'}
const [idle, busy] = [strainOf(1, 2), strainOf(70, 2)]

it('is busy when many wait for each core', () => {
  expect([strainOf(5.9, 2), strainOf(6, 2), strainOf(70.4, 2), strainOf(3.2, 1)]).toEqual([
    {factor: 1, says: undefined},
    {factor: 4, says: 'load 6 on 2 cores'},
    {factor: 4, says: 'load 70 on 2 cores'},
    {factor: 4, says: 'load 3 on 1 core'},
  ])
})

it('what answered once is not late', () => {
  const [first, second] = [[subject('sonarr', late())], [subject('sonarr', probe('good', 'answers 200'))]]
  expect([isLate(first), isLate(second)]).toEqual([true, false])
  for (const strain of [idle, busy]) {
    expect(askedTwice(first, second, strain)).toEqual(second)
    expect(askedTwice(second, first, strain)).toEqual(second)
  }
})

it('what was late twice is wrong; on a busy machine it could not be checked, and says so', () => {
  const look = [subject('sonarr', late())]
  expect(askedTwice(look, look, idle)).toEqual(look)
  expect(askedTwice(look, look, busy)).toEqual([
    subject('sonarr', {...late(), is: 'unknown', says: 'no answer within 2 s (slow: load 70 on 2 cores)'}),
  ])
})

it('what is wrong and not late is wrong, however busy', () => {
  const look = [subject('sonarr', late(), {is: 'bad', check: 'container', says: 'exited'})]
  expect(askedTwice(look, look, busy)[0]?.findings.map(({is}) => is)).toEqual(['unknown', 'bad'])
})

it('what one of the looks did see is kept', () => {
  const whole = [docker(answers), subject('sonarr', probe('good', 'answers 200')), subject('radarr', late())]
  const none = [docker(answers, late('stacks'))]
  // Whoever was asked once, and did not answer, could not be checked.
  const once = subject('radarr', {...late(), is: 'unknown'})
  const seen = [docker(answers), subject('sonarr', probe('good', 'answers 200')), once]
  expect([askedTwice(whole, none, idle), askedTwice(none, whole, idle)]).toEqual([seen, seen])
  expect(askedTwice(none, none, idle)).toEqual(none)
  expect(askedTwice(whole, [{area: 'host', subject: 'health', findings: [late('time')]}], busy)).toEqual(seen)
})
