import {expect, it} from 'vitest'
import {templateOf} from '../../../src/lib/stack/unconfigured.js'
import {aService} from '../../support/unit/stack.js'

const LABEL = '/config/config.js torrentClients: []'
const of = (label: string | undefined, target = '/config') =>
  templateOf(
    aService('cross-seed', {
      labels: new Map(label === undefined ? [] : [['homelab.unconfigured', label]]),
      binds: [{source: '/configs/x', target}],
    }),
  )

it.each([
  [LABEL, '/config', {file: '/configs/x/config.js', text: 'torrentClients: []'}],
  [LABEL, '/config/', {file: '/configs/x/config.js', text: 'torrentClients: []'}],
  [LABEL, '/data', undefined],
  ['/config/config.js', '/config', undefined],
  [undefined, '/config', undefined],
])('the template of %j, mounted at %s, is %j', (label, target, template) => {
  expect(of(label, target)).toEqual(template)
})
