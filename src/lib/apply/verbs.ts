import type {Look} from '../engine/engine.js'
import type {Plan} from '../model/plan.js'
import {planStart, planUp} from '../plan/bring-up.js'
import {planRestart} from '../plan/restart.js'
import {planDown, planStop} from '../plan/take-down.js'
import {planPull, planUpdate} from '../plan/update.js'
import type {Intent, World} from '../plan/world.js'

export type ChangingVerb = 'up' | 'down' | 'start' | 'stop' | 'restart' | 'pull' | 'update'

/** What a verb has to see, and who plans it. */
type Verb = {
  readonly look: (services: readonly string[]) => Look
  readonly plan: (world: World, intent: Intent) => Plan
}

const containersOnly = (): Look => ({})
const local = (): Look => ({images: true})
const drift = (): Look => ({images: true, hashes: true})

export const VERBS: Readonly<Record<ChangingVerb, Verb>> = {
  up: {look: drift, plan: planUp},
  down: {look: containersOnly, plan: planDown},
  start: {look: local, plan: planStart},
  stop: {look: containersOnly, plan: planStop},
  restart: {look: local, plan: planRestart},
  pull: {look: (registries) => ({images: true, registries}), plan: planPull},
  update: {look: (registries) => ({images: true, hashes: true, registries}), plan: planUpdate},
}
