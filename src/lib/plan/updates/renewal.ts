import type {ObservedContainer} from '../../model/observed.js'
import type {Stage, Step} from '../../model/plan.js'
import type {Renewal, World} from '../world.js'

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
