import {describe, expect, it} from 'vitest'
import type {ServiceUpdate} from '../../../src/lib/model/update.js'
import {availableAlert, updateAlert} from '../../../src/lib/update/alerts.js'
import {aJob} from '../../support/unit/job.js'

const done = (service: string) => ({job: aJob(service, {service, container: `c-${service}`, state: 'done', summary: '1 → 2'})})
const bad = (service: string, update?: Partial<ServiceUpdate>) => ({
  job: aJob(service, {service, container: `c-${service}`, state: 'rolled-back', summary: 'rolled back to 1: ill.'}),
  update: update as ServiceUpdate | undefined,
})

describe('what the phone is told', () => {
  it('✅ of one', () => {
    expect(updateAlert([done('sonarr')], 0)).toEqual({
      title: 'Successfully updated c-sonarr',
      message: 'torrent/sonarr: 1 → 2',
      tags: ['white_check_mark'],
      priority: 3,
      at: '1970-01-01T00:00:00.000Z',
    })
  })

  it('❌ of one, with its last lines and where to read on', () => {
    expect(updateAlert([bad('sonarr', {is: 'rolled-back', log: ['one', 'two']})], 0)).toMatchObject({
      title: 'Failed to update c-sonarr',
      message: 'torrent/sonarr: rolled back to 1: ill.\nIts last lines:\n  one\n  two\nNext: homelab history --service sonarr',
      tags: ['x'],
      priority: 4,
    })
  })

  it('a batch as one message, what failed first', () => {
    const alert = updateAlert([done('sonarr'), bad('radarr'), done('bazarr')], 0)
    expect(alert?.title).toBe('Failed to update 1 container, successfully updated 2 containers')
    expect(alert?.message.split('\n')[0]).toMatch(/^torrent\/radarr/)
    expect(alert?.tags).toEqual(['x'])
  })

  it('🚨 with the commands for a person, when neither image runs', () => {
    const from = {reference: 'x/sonarr:1', imageId: 'sha256:old'}
    const alert = updateAlert(
      [done('bazarr'), {job: {...bad('sonarr').job, state: 'failed'}, update: {is: 'stranded', from} as ServiceUpdate}],
      0,
    )
    expect(alert).toMatchObject({tags: ['rotating_light'], priority: 5})
    expect(alert?.message).toContain('docker tag sha256:old x/sonarr:1\n  homelab stack torrent up sonarr')
  })

  it('nothing of what changed nothing', () => {
    expect(updateAlert([{job: aJob('1', {state: 'current'})}, {job: aJob('2', {state: 'rejected'})}], 0)).toBeUndefined()
  })

  it('what waits for its operator', () => {
    expect(availableAlert(aJob('1'), '2.15.1', 0)).toMatchObject({
      title: 'Update available for sonarr',
      message: 'torrent/sonarr: 2.15.1\nNext: homelab updates apply sonarr',
    })
  })
})
