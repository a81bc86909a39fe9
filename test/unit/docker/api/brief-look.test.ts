import type {ContainerInfo} from 'dockerode'
import {describe, expect, it} from 'vitest'
import {fromList, orBriefly} from '../../../../src/lib/docker/api/containers.js'
import {aContainer} from '../../../support/unit/observed.js'

const listed = (State: string, Status = '') =>
  ({
    Id: '4f2a',
    Names: ['/torrent-gluetun-1'],
    State,
    Status,
    Image: 'gluetun:v3',
    ImageID: 'sha256:aa',
    Labels: {'com.docker.compose.service': 'gluetun'},
    HostConfig: {NetworkMode: 'media'},
  }) as unknown as ContainerInfo

const never = new Promise<undefined>(() => undefined)
const answered = Promise.resolve()

describe('a container that Docker does not answer for', () => {
  it('is taken from the list if it is down there, when everybody else has answered', async () => {
    expect(await orBriefly(never, listed('exited', 'Exited (137) 2 seconds ago'), answered)).toMatchObject({
      brief: true,
      id: '4f2a',
      name: 'torrent-gluetun-1',
      service: 'gluetun',
      state: 'exited',
      exitCode: 137,
      networkMode: 'media',
    })
  })

  it('is waited for if it is listed as running: only an inspection tells whether it is healthy', async () => {
    const container = aContainer('gluetun')
    const late = new Promise<typeof container>((resolve) => setTimeout(() => resolve(container), 60))
    expect(await orBriefly(late, listed('running'), answered)).toBe(container)
  })

  it('is waited for as long as others are', async () => {
    const container = aContainer('gluetun')
    expect(await orBriefly(Promise.resolve(container), listed('exited'), never)).toBe(container)
  })

  it('that fails later is nobody’s trouble', async () => {
    const failing = new Promise<undefined>((_, reject) => setTimeout(() => reject(new Error('gone')), 40))
    expect(await orBriefly(failing, listed('exited'), answered)).toMatchObject({brief: true})
    await failing.catch(() => undefined)
  })
})

it('has exit code 0 for what never ran', () => expect(fromList(listed('created', 'Created')).exitCode).toBe(0))
