import path from 'node:path'
import type {Hands} from './apply/stage.js'
import type {Setting} from './base-command.js'
import {copiedFolders, NO_FOLDERS, type CopiedFolders} from './copied-folders.js'
import type {DeclaredStack} from './model/declared.js'
import {OperatorError} from './model/operator-error.js'
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
