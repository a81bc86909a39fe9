import path from 'node:path'
import type {Hands} from './apply/stage.js'
import type {Setting} from './base-command.js'
import type {DeclaredService, DeclaredStack} from './model/declared.js'
import type {UpdateRules} from './model/update-rules.js'
import {rulesFor} from './plan/updates/rules.js'
import type {Renewal, RenewalRules} from './plan/world.js'

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
    return {
      op,
      references,
      keep: updates.keep,
      rejected: new Map(theirs.map(({service}) => [service, digests(service)])),
      treatment: (name) => {
        const service = stack.services.get(name)
        const rules = rulesFor(updates, stack.name, name, service?.labels ?? new Map())
        return treatmentOf(rules, service, path.join(folder, 'backups', stack.project, name, op), watched)
      },
    }
  }
}

const treatmentOf = (rules: UpdateRules, service: DeclaredService | undefined, backup: string, watched: boolean): RenewalRules => ({
  running: rules.gate.running,
  steady: watched ? 0 : rules.gate.healthyFor,
  probe: rules.probe,
  probeLimit: rules.probeTimeout,
  before: rules.before,
  after: rules.after,
  hookLimit: rules.hookTimeout,
  folders: rules.backup ? foldersOf(service, rules.backupPaths) : [],
  backup,
})

/** Where a container's folders lie on this machine. */
const foldersOf = (service: DeclaredService | undefined, paths: readonly string[]): string[] =>
  (service?.binds ?? []).flatMap(({source, target}) => (paths.includes(target.replace(/\/$/, '')) ? [source] : []))
