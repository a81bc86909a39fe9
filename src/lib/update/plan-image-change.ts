import path from 'node:path'
import {copiedFolders, NO_FOLDERS, type CopiedFolders} from '../backup/copied-folders.js'
import type {ObservedContainer} from '../model/container.js'
import type {Stage, Step} from '../model/plan.js'
import type {DeclaredStack} from '../model/stack.js'
import type {Renewal, World, RenewalRules} from '../stack/snapshot.js'
import type {Hands} from '../stack/step-handlers.js'
import {OperatorError} from '../util/errors.js'
import {type UpdateRules, rulesFor} from './policy.js'
import type {Setting} from '../config/homelab.js'

/**
 * What a new image needs beside a new container: the operator's commands run, the configuration is
 * copied while nobody writes in it, the new reference is pinned; and at the end the gate, which is more than healthy.
 * @param sequence The stages that stop, make anew, start and wait. @param renewed Services that get a new image.
 */
export function withRenewal(world: World, sequence: readonly Stage[], renewed: readonly string[], renewal: Renewal | undefined): Stage[] {
  if (renewal === undefined) return [...sequence]
  const old = renewed.flatMap((name) => world.observed.containers.get(name) ?? [])
  const rulesOf = ({service}: ObservedContainer) => renewal.treatment(service)
  const copied = old.filter((container) => rulesOf(container).folders.length > 0)
  return [
    old.flatMap((container) => hook(container.service, rulesOf(container).before, rulesOf(container).hookLimit, 'before its update')),
    copied.map(({service, id}) => step('stop', service, 'its configuration is copied while nobody writes in it', {container: id})),
    copied.map((container) => copy(container, renewal)),
    renewed.flatMap((name) => pin(name, renewal)),
    ...withGate(
      sequence,
      renewed,
      old.map(({service}) => service),
      renewal,
    ),
  ].filter((stage) => stage.length > 0)
}

/** What of it comes after the new container was made. @param asked Services whose page and command follow. */
export const withGate = (sequence: readonly Stage[], renewed: readonly string[], asked: readonly string[], renewal: Renewal): Stage[] => [
  ...sequence.map((stage) => stage.map((one) => gated(one, renewed, renewal))),
  asked.flatMap((service) => probe(service, renewal)),
  asked.flatMap((service) => {
    const {after, hookLimit} = renewal.treatment(service)
    return hook(service, after, hookLimit, 'after its update')
  }),
]

/** Says what is not copied although it was asked for, before anything is done. */
export const copyNotes = (renewed: readonly string[], renewal: Renewal | undefined): string[] =>
  renewed
    .flatMap((service) => renewal?.treatment(service).notCopied ?? [])
    .map((what) => `not copied, so an update cannot put it back: ${what}`)

const step = (action: Step['action'], target: string, reason: string, more: Partial<Step> = {}): Step => ({
  action,
  target,
  reason,
  needs: [],
  ...more,
})

function copy({service}: ObservedContainer, {treatment}: Renewal): Step {
  const {folders, backup} = treatment(service)
  return step('backup', service, 'an older version may not read what a newer one wrote', {folders, backup})
}

function pin(service: string, {references}: Renewal): Step[] {
  const reference = references.get(service)
  return reference === undefined ? [] : [step('pin', service, `its declared image becomes ${reference}`, {reference})]
}

function gated(one: Step, renewed: readonly string[], {treatment}: Renewal): Step {
  if (one.action !== 'wait' || !renewed.includes(one.target)) return one
  const {running, steady} = treatment(one.target)
  return {...one, running, steady}
}

function probe(service: string, {treatment}: Renewal): Step[] {
  const {probe: url, probeLimit} = treatment(service)
  return url === undefined ? [] : [step('probe', service, `${url} has to answer`, {url, limit: probeLimit})]
}

const hook = (service: string, command: readonly string[], limit: number, when: string): Step[] =>
  command.length === 0 ? [] : [step('hook', service, `${command[0]}, as configured, ${when}`, {command, limit})]

type RenewalOptions = {
  readonly setting: Setting
  readonly hands: Hands
  /** The state folder. */
  readonly folder: string
  /** Try what was rolled back before. */
  readonly retry: boolean
  /** A person is there, and sees what becomes of it after: healthy is enough. */
  readonly watched: boolean
  /** By service: the reference that its declared one is to become. */
  readonly references: ReadonlyMap<string, string>
  /** A name for the operation; undefined: a new one. */
  readonly op: string | undefined
}

/** How the services of a stack are brought to new images: by the configuration, by their labels, and by what was rejected. */
export function renewalFor({setting, hands, folder, retry, watched, references, op = hands.newOperation()}: RenewalOptions) {
  return async (stack: DeclaredStack): Promise<Renewal> => {
    const {updates} = setting.configuration
    const known = retry ? [] : await hands.books.rejected.list()
    const theirs = known.filter((one) => one.stack === stack.name)
    const digests = (service: string): Set<string> =>
      new Set(theirs.flatMap((one) => (one.service === service && one.digest !== undefined ? [one.digest] : [])))
    const rulesOf = (name: string): UpdateRules => rulesFor(updates, stack.name, name, stack.services.get(name)?.labels ?? new Map())
    const copied = await copiedOf(stack, rulesOf, hands)
    return {
      op,
      references,
      keep: updates.keep,
      rejected: new Map(theirs.map(({service}) => [service, digests(service)])),
      treatment: (name) =>
        treatmentOf(rulesOf(name), copied.get(name) ?? NO_FOLDERS, path.join(folder, 'backups', stack.project, name, op), watched),
    }
  }
}

/** By service, for those that are to be copied. A label of one that says nothing we know is told when that one is treated. */
async function copiedOf(
  stack: DeclaredStack,
  rulesOf: (name: string) => UpdateRules,
  {engine}: Hands,
): Promise<Map<string, CopiedFolders>> {
  const isRoot = process.getuid?.() === 0
  const found = [...stack.services.values()].map(async (service): Promise<[string, CopiedFolders][]> => {
    const paths = pathsOf(() => rulesOf(service.name))
    return paths === undefined ? [] : [[service.name, await copiedFolders(service, paths, {engine, isRoot})]]
  })
  return new Map((await Promise.all(found)).flat())
}

function pathsOf(rules: () => UpdateRules): readonly string[] | undefined {
  try {
    const {backup, backupPaths} = rules()
    return backup ? backupPaths : undefined
  } catch (error) {
    if (error instanceof OperatorError) return undefined
    throw error
  }
}

const treatmentOf = (rules: UpdateRules, copied: CopiedFolders, backup: string, watched: boolean): RenewalRules => ({
  running: rules.gate.running,
  steady: watched ? 0 : rules.gate.healthyFor,
  probe: rules.probe,
  probeLimit: rules.probeTimeout,
  before: rules.before,
  after: rules.after,
  hookLimit: rules.hookTimeout,
  ...copied,
  backup,
})
