import {expect, it} from 'vitest'
import {stackStatus} from '../../../src/lib/model/status.js'
import {planUp} from '../../../src/lib/plan/bring-up.js'
import {planDown} from '../../../src/lib/plan/take-down.js'
import {aContainer, aWorld} from '../support/observed.js'
import {anIntent, planLines} from '../support/plan-lines.js'
import {aStack} from '../support/stack.js'

const stack = aStack({plex: {}}, 'plex')

it('shows a container whose service is in the files no more, and takes it down', () => {
  const world = aWorld(stack)
  const containers = new Map([...world.observed.containers, ['old', aContainer('old')]])
  const observed = {...world.observed, containers}
  expect(stackStatus(stack, observed, ['plex']).services.map(({service, verdict}) => [service, verdict])).toEqual([
    ['plex', 'good'],
    ['old', 'bad'],
  ])
  expect(planLines(planDown({stack, observed}, anIntent())).map((line) => line.split(':')[0])).toContain('1 remove old')
})

it('refuses a shared network that has another subnet than the gateway is told', () => {
  const shared = aStack({plex: {networks: ['media']}}, 'plex', [{name: 'media', subnet: '172.19.0.0/16'}])
  const world = aWorld(shared, {nothing: true, networks: ['media']})
  const observed = {...world.observed, subnets: new Map([['media', ['10.99.0.0/16']]])}
  expect(() => planUp({stack: shared, observed}, anIntent())).toThrow('has the subnet 10.99.0.0/16, and 172.19.0.0/16 is declared')
  const right = {...world.observed, subnets: new Map([['media', ['172.19.0.0/16']]])}
  expect(planUp({stack: shared, observed: right}, anIntent()).stages.length).toBeGreaterThan(0)
})
