import {describe, expect, it} from 'vitest'
import {probeTarget} from '../../../src/lib/stack/probe.js'
import type {DeclaredService} from '../../../src/lib/model/stack.js'
import type {ObservedContainer} from '../../../src/lib/model/container.js'
import {aContainer} from '../../support/unit/observed.js'

const target = (label: string | undefined, containers: readonly ObservedContainer[], gateway?: string) => {
  const service: DeclaredService = {
    ...{name: 'sonarr', image: 'sonarr:1', built: false, gateway, dependsOn: [], active: true, restarts: true, networks: [], binds: []},
    labels: new Map(label === undefined ? [] : [['homelab.probe', label]]),
  }
  return probeTarget(service, new Map(containers.map((container) => [container.service, container])))
}

const own = aContainer('sonarr', {ports: ['127.0.0.1:18989->8989']})

describe('where a service is asked', () => {
  it.each([
    ['8989/ping', {kind: 'page', url: 'http://127.0.0.1:18989/ping'}],
    ['8989', {kind: 'page', url: 'http://127.0.0.1:18989/'}],
    ['https:8989/x?y=1', {kind: 'page', url: 'https://127.0.0.1:18989/x?y=1'}],
    ['tcp:8989', {kind: 'port', host: '127.0.0.1', port: 18989}],
    ['http://nas.lan:1/x', {kind: 'page', url: 'http://nas.lan:1/x'}],
  ])('%s', (label, expected) => {
    expect(target(label, [own])).toEqual(expected)
  })

  it('is nowhere without a label', () => {
    expect(target(undefined, [own])).toBeUndefined()
    expect(target('', [own])).toBeUndefined()
  })

  it.each(['ping', '8989ping', 'ftp:21', '-1/', 'http://['])('cannot be told by %s', (label) => {
    expect(target(label, [own])).toMatchObject({kind: 'none', why: expect.stringContaining('homelab.probe=') as string})
  })

  it('is where its gateway publishes its port, or the host itself', () => {
    const gateway = aContainer('gluetun', {ports: ['8989']})
    expect(target('8989/ping', [aContainer('sonarr', {networkMode: 'container:abc'}), gateway], 'gluetun')).toEqual({
      kind: 'page',
      url: 'http://127.0.0.1:8989/ping',
    })
    expect(target('32400/identity', [aContainer('sonarr', {networkMode: 'host'})])).toMatchObject({url: 'http://127.0.0.1:32400/identity'})
    expect(target('9999/', [own])).toEqual({kind: 'none', why: 'port 9999 is not published to this machine'})
  })
})
