import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {configurationError, type OperatorError} from '../util/errors.js'
import type {Snapshot, Transaction} from '../model/update.js'
import {writeAtomically, clearLeftOvers, makeFolder, removeDurably} from '../storage/atomic-file.js'
import {isObject, listOf, number, object, oneOf, orNone, parsed, text, type Check} from '../storage/json-file.js'

/** Files beside the transactions: projects may have these names too. */
const TAKEN: readonly string[] = ['paused', 'rejected']

/** The transaction that is under way, a file a project. Written only by who holds the stack's lock. */
type Transactions = {
  /** @returns undefined if none is under way. @throws OperatorError (78) that names a file which is damaged or may not be read. */
  read(project: string): Promise<Transaction | undefined>
  /** On disk when it returns. @throws OperatorError (78) that names the file. */
  write(project: string, transaction: Transaction): Promise<void>
  /** Gone from the disk when it returns. @throws OperatorError (78) that names the file. */
  clear(project: string): Promise<void>
}

/** The files `<folder>/updates/<project>.json`; `<project>+.json` for a project that has the name of another file there. */
export function transactions(folder: string): Transactions {
  const file = (project: string): string => path.join(folder, 'updates', `${project}${TAKEN.includes(project) ? '+' : ''}.json`)
  return {
    read: (project) => read(file(project)),
    write: (project, transaction) =>
      named(file(project), async () => {
        await makeFolder(path.join(folder, 'updates'))
        await clearLeftOvers(file(project))
        await writeAtomically(file(project), `${JSON.stringify(transaction, null, 2)}\n`)
      }),
    clear: (project) => named(file(project), async () => void (await removeDurably(file(project)))),
  }
}

async function read(file: string): Promise<Transaction | undefined> {
  let json: string
  try {
    json = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unusable(file, error as Error)
  }
  const found = parsed(json)
  if (!isTransaction(found)) throw damaged(file, isObject(found) && typeof found.stack === 'string' ? found.stack : '<stack>')
  return found
}

type Fields<T> = Readonly<Record<keyof T, Check>>

const FROM = {
  reference: text,
  imageId: text,
  pin: orNone(text),
  version: orNone(text),
  container: orNone(text),
  source: orNone(text),
} satisfies Fields<Snapshot['from']>
const TO = {reference: text, digest: orNone(text), pin: orNone(text)} satisfies Fields<Snapshot['to']>

const SNAPSHOT = {
  service: text,
  from: object(FROM),
  to: object(TO),
  backup: orNone(text),
  folders: orNone(listOf(text)),
} satisfies Fields<Snapshot>

const TRANSACTION = {
  op: text,
  stack: text,
  startedAt: number,
  trigger: text,
  phase: oneOf('changing', 'returning'),
  services: listOf(object(SNAPSHOT)),
  company: listOf(text),
  reasons: orNone((value) => isObject(value) && Object.values(value).every(text)),
  ran: orNone(listOf(text)),
} satisfies Fields<Transaction>

const isTransaction = (value: unknown): value is Transaction => object(TRANSACTION)(value)

async function named(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw unusable(file, error as Error)
  }
}

/** Going on blindly could leave a bad image running: the file alone tells which image ran before. */
const damaged = (file: string, stack: string): OperatorError =>
  configurationError(`An update was interrupted, and ${file}, which tells how to undo it, is damaged.`, [
    `See which images run, and whether they are healthy: homelab stack ${stack} status`,
    `When all is well, remove the file: rm ${file}`,
  ])

const unusable = (file: string, {message}: Error): OperatorError =>
  configurationError(`The update under way, ${file}, cannot be used: ${message}`, [
    'Run the command with sudo, or as the user that homelab watch runs as',
    'or see whether the disk is full: df -h',
  ])
