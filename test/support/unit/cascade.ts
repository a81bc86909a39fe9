import type {Stage} from '../../../src/lib/model/plan.js'
import {diagnose, type Diagnosis} from '../../../src/lib/cascade/diagnose.js'
import {decideCascade, type CascadeIntent, type Decision} from '../../../src/lib/cascade/decide.js'
import type {World} from '../../../src/lib/stack/snapshot.js'
import {STARTED} from './observed.js'
import {NOTHING_REMEMBERED, type CascadeMemory, type CascadeRules, type Episode, type Parked} from '../../../src/lib/model/cascade.js'

/** The owner's own limits (homelab.example.yml). */
export const RULES: CascadeRules = {gateway: 300, verify: 120, attempts: 3, backoff: 10, perHour: 5, pause: 3600, debounce: 30}

/** A minute after everybody started. */
export const NOW = STARTED + 60_000

export const parked = (...services: readonly string[]): Parked[] => services.map((service) => ({service, reason: 'a test', since: STARTED}))

export const aMemory = (words: Partial<CascadeMemory> = {}): CascadeMemory => ({...NOTHING_REMEMBERED, ...words})

export const anEpisode = (words: Partial<Episode> = {}): Episode => ({
  op: 'op',
  startedAt: STARTED,
  trigger: 'a test',
  situation: `gluetun gluetun-1 ${STARTED - 1000}`,
  attempts: 0,
  lastAttemptAt: 0,
  services: [],
  ...words,
})

export const decided = (world: World, memory: CascadeMemory = NOTHING_REMEMBERED, words: Partial<CascadeIntent> = {}): Decision =>
  decideCascade(world, memory, {rules: RULES, now: NOW, op: 'new', force: false, byHand: false, ...words})

type Seen = {readonly parked?: readonly string[]; readonly ran?: readonly string[]; readonly forced?: boolean}

export const diagnosed = (world: World, {parked: names = [], ran = [], forced = false}: Seen = {}): Diagnosis[] =>
  diagnose({world, parked: new Set(names), ran: new Set(ran), now: NOW, treated: new Set(), forced: () => forced})

/** A stage a line: "stop qbittorrent, stop sonarr". */
export const stagesText = (stages: readonly Stage[]): string[] =>
  stages.map((stage) => stage.map(({action, target}) => `${action} ${target}`).join(', '))

/** Everybody behind gluetun has the right gateway and joined it before its present start. */
export const STALE = {startedAt: STARTED - 5_000}

export const GONE = {networkMode: 'container:gone'}
export const STOPPED = {state: 'exited', health: 'none'} as const
/** Docker 26, with a port of the gateway's taken. */
export const UNSTARTED = {
  ...STOPPED,
  exitCode: 128,
  error: 'driver failed programming external connectivity on endpoint gluetun: Bind for 0.0.0.0:8080 failed: port is already allocated',
} as const
export const CUT = {...STOPPED, exitCode: 128, error: 'cannot join network of a non running container: gluetun-1'} as const
