import type {Job, Rejected, Transaction} from '../../../src/lib/model/update.js'

export const aJob = (id: string, more: Partial<Job> = {}): Job => ({
  id,
  stack: 'torrent',
  service: 'sonarr',
  container: 'sonarr',
  change: {kind: 'tag', tag: '2.15.1'},
  origin: 'wud',
  acceptedAt: 1_000,
  state: 'queued',
  attempts: 0,
  ...more,
})

export const aRejected = (imageId: string, more: Partial<Rejected> = {}): Rejected => ({
  stack: 'torrent',
  service: 'sonarr',
  reference: 'lscr.io/linuxserver/sonarr:latest',
  digest: `sha256:${imageId}`,
  imageId,
  at: 1_000,
  reason: 'a test',
  ...more,
})

export const aTransaction = (more: Partial<Transaction> = {}): Transaction => ({
  op: '20261123-021305-4f2a17',
  stack: 'torrent',
  startedAt: 1_000,
  trigger: 'wud',
  phase: 'changing',
  services: [
    {
      service: 'sonarr',
      from: {reference: 'sonarr:1', imageId: 'sha256:a'},
      to: {reference: 'sonarr:2', digest: 'sha256:b', pin: 'sonarr:2'},
      backup: '/var/lib/homelab/backups/sonarr',
      folders: ['/srv/sonarr'],
    },
  ],
  company: ['unpackerr'],
  ...more,
})
