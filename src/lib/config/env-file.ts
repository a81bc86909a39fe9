import {readFile, stat} from 'node:fs/promises'
import {configurationError, OperatorError, refusal} from '../util/errors.js'
import {parseDotenv} from './dotenv.js'

/** The value in `.env.example` that a person has to replace. */
const PLACEHOLDER = 'replace-me'

export type EnvFile = {
  readonly path: string
  readonly variables: Readonly<Record<string, string>>
}

/**
 * Reads `.env` and refuses what must not be worked with.
 * @throws OperatorError (78): missing, readable by others, or a secret that still is the example's.
 */
export async function readEnvFile(path: string): Promise<EnvFile> {
  const text = await readPrivate(path)
  const variables = read(text, path)
  const unset = Object.keys(variables)
    .filter((name) => variables[name] === PLACEHOLDER)
    .toSorted()
  if (unset.length > 0) {
    throw configurationError(`${path} still has the example's "${PLACEHOLDER}" as ${unset.join(', ')}.`, [
      `Put your own values in: nano ${path}`,
    ])
  }
  return {path, variables}
}

/** For a diagnosis: what is wrong with it is told, and what can be read of it counts all the same. */
export async function diagnoseEnvFile(path: string): Promise<{file: EnvFile; problem: OperatorError | undefined}> {
  try {
    return {file: await readEnvFile(path), problem: undefined}
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    const text = await readIfFile(path).catch(() => '')
    return {file: {path, variables: whatCanBeRead(text)}, problem: error}
  }
}

/** A pipe would be waited for. */
const readIfFile = async (path: string): Promise<string> => ((await stat(path)).isFile() ? readFile(path, 'utf8') : '')

function read(text: string, path: string): Record<string, string> {
  try {
    return parseDotenv(text)
  } catch (error) {
    throw configurationError(`${path}, ${refusal(error)}.`, [`nano ${path}`])
  }
}

function whatCanBeRead(text: string): Record<string, string> {
  try {
    return parseDotenv(text)
  } catch {
    return {}
  }
}

async function readPrivate(path: string): Promise<string> {
  try {
    const found = await stat(path)
    if (!found.isFile()) throw configurationError(`${path} is no file.`, [`ls -ld ${path}`])
    const {mode} = found
    if ((mode & 0o077) !== 0) {
      throw configurationError(`${path} holds secrets, and others on this machine can read it (mode ${(mode & 0o777).toString(8)}).`, [
        `chmod 600 ${path}`,
      ])
    }
    return await readFile(path, 'utf8')
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'ENOENT') {
      throw configurationError(`${path} is missing.`, [
        `cp ${path}.example ${path} && chmod 600 ${path}`,
        `then put your values in: nano ${path}`,
      ])
    }
    if (code === 'EACCES') throw configurationError(`You may not read ${path}.`, ['Run the command with sudo, or as its owner'])
    if (error instanceof OperatorError) throw error
    throw configurationError(`${path} cannot be read: ${refusal(error)}`)
  }
}

/** The profiles that `.env` switches on, as Compose reads them. */
export const profilesOf = (env: EnvFile): ReadonlySet<string> =>
  new Set(
    (env.variables.COMPOSE_PROFILES ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  )
