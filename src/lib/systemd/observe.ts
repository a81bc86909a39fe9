import {join} from 'node:path'
import {readEnvFile} from '../config/env-file.js'
import {copiedFolders} from '../backup/copied-folders.js'
import type {DiagnosedEngine} from '../docker/engine.js'
import type {DeclaredService, DeclaredStack} from '../model/stack.js'
import {OperatorError} from '../util/errors.js'
import {rulesFor} from '../update/policy.js'
import {unitNeeds, withInstalled, type UnitNeeds} from './needs.js'
import {ROOT} from './unit.js'
import type {Setting} from '../config/homelab.js'

type UnitLook = {
  readonly setting: Setting
  /** With what `.env` says. @throws OperatorError if it cannot be used. */
  readonly engine: (env: Awaited<ReturnType<typeof readEnvFile>>) => Promise<DiagnosedEngine>
  readonly user: string
  /** The text of the installed unit. */
  readonly installed: string | undefined
  readonly signal: AbortSignal
}

/** What the unit needs of this homelab, and what could not be read: of that the installed unit counts on. */
type Seen = {readonly needs: UnitNeeds; readonly unread: readonly string[]}

/** Reads every stack; Docker itself is asked for volumes alone. */
export async function unitLook(look: UnitLook): Promise<Seen> {
  const {setting, installed, signal} = look
  const {composeDir, stacks} = setting
  try {
    const env = await readEnvFile(join(composeDir, '.env'))
    const engine = await look.engine(env)
    const read = await Promise.allSettled(stacks.map((files) => engine.declare(files, signal)))
    signal.throwIfAborted()
    const unread = read.flatMap((one, index) => (one.status === 'rejected' ? [`${stacks[index]?.name}: ${wordsOf(one.reason)}`] : []))
    const known = read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const copied = (await Promise.all(known.map((stack) => copiedOf(stack, engine, look)))).flat()
    const configs = env.variables.CONFIG_DIR || '/var/lib/homelab-media-configs'
    const needs = unitNeeds(known, {composeDir, configs, copied})
    return {needs: unread.length === 0 ? needs : withInstalled(needs, installed), unread}
  } catch (error) {
    return {needs: withInstalled(unitNeeds([], {composeDir, configs: '', copied: []}), installed), unread: [wordsOf(error)]}
  }
}

/** @throws what is no failure that we expect. */
function wordsOf(error: unknown): string {
  if (error instanceof OperatorError) return error.message
  throw error
}

/** Where what is copied is on this machine. Also of services that are not copied today: a line in homelab.yml is to be enough. */
async function copiedOf(stack: DeclaredStack, engine: DiagnosedEngine, {setting, user}: UnitLook): Promise<string[]> {
  const pathsOf = ({name}: DeclaredService): readonly string[] =>
    // Not by its labels, which do not say it, and may say nothing that we know.
    rulesFor(setting.configuration.updates, stack.name, name, new Map()).backupPaths
  const found = await Promise.all(
    [...stack.services.values()].map((service) =>
      copiedFolders(service, pathsOf(service), {engine, isRoot: user === ROOT, mayWrite: false}),
    ),
  )
  return found.flatMap(({folders}) => [...folders])
}
