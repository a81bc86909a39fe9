import {readFile, stat} from 'node:fs/promises'
import {configurationError, OperatorError, refusal} from '../util/errors.js'
import type {Configuration} from './schema.js'

/** What holds without a configuration file; a test compares it with the schema's own defaults. */
export const DEFAULTS: Configuration = {
  compose: 'compose',
  timeouts: {healthy: 300},
  cascade: {gateway: 300, verify: 120, attempts: 3, backoff: 10, perHour: 5, pause: 3600, debounce: 30},
  watch: {resync: 60, listen: '127.0.0.1:8183', dockerAway: 60},
  updates: {
    policy: 'auto',
    minAge: 0,
    keep: 1,
    gate: {running: 10, healthyFor: 15},
    probeTimeout: 30,
    backup: false,
    pull: {attempts: 3, backoff: 5},
    services: {},
    listen: 'auto',
    rate: 600,
    body: 1_048_576,
    catchUp: '06:30',
    batch: 30,
  },
  vpn: {
    ownAddress: ['https://api.ipify.org', 'https://icanhazip.com', 'https://checkip.amazonaws.com', 'https://ifconfig.me/ip'],
    outside: [
      'http://1.1.1.1/',
      'http://9.9.9.9/',
      'http://example.com/',
      'http://[2606:4700:4700::1111]/',
      'dns://1.1.1.1',
      'dns://9.9.9.9',
    ],
    through: ['http://1.1.1.1/', 'dns://9.9.9.9'],
    every: 5,
    timeout: 3,
  },
  health: {timeout: 2, disk: {warn: 85, bad: 95}, mediaDisk: true, library: ['downloads', 'movies', 'tv']},
  stacks: {},
}

/**
 * Reads the configuration file; one that does not exist is the defaults.
 * @throws OperatorError (78) that names file, key and what is wrong with it.
 */
export async function loadConfiguration(file: string): Promise<Configuration> {
  let text: string
  try {
    // A pipe would be waited for.
    if (!(await stat(file)).isFile()) throw configurationError(`The configuration file ${file} is no file.`, [`ls -ld ${file}`])
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return DEFAULTS
    if (error instanceof OperatorError) throw error
    throw configurationError(`The configuration file ${file} cannot be read: ${refusal(error)}`)
  }
  return parseConfiguration(text, file)
}

export async function parseConfiguration(text: string, file: string): Promise<Configuration> {
  // Loaded only where a file has to be read: it costs a third of a short command's time, with `yaml`.
  const {schema} = await import('./schema.js')
  const result = schema.safeParse((await fromYaml(text, file)) ?? {})
  if (result.success) return result.data
  const problems = result.error.issues.flatMap((issue) => describe(issue))
  const {keyHint} = await import('./key-hints.js')
  const hints = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.flatMap((key) => keyHint(schema, issue.path, key)) : [],
  )
  throw configurationError(`${file}: ${problems.join('; ')}`, [...hints, 'Every key is explained in homelab.example.yml'])
}

async function fromYaml(text: string, file: string): Promise<unknown> {
  const {parseDocument} = await import('yaml')
  const invalid = (why: string, next: readonly string[] = []): OperatorError =>
    configurationError(`${file} is not valid YAML: ${why.split('\n')[0]}`, next)
  const document = parseDocument(text)
  const [broken] = document.errors
  if (broken !== undefined)
    throw invalid(broken.message, broken.code === 'DUPLICATE_KEY' ? ['Put what is below both under one of them'] : [])
  try {
    return document.toJS()
  } catch (error) {
    // An alias without its anchor, and aliases of aliases that would fill the memory: https://eemeli.org/yaml/#tojs-options
    if (error instanceof ReferenceError) throw invalid(error.message)
    throw error
  }
}

type Issue = {
  readonly code: string
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly keys?: readonly string[]
  readonly issues?: readonly {readonly message: string}[]
}

function describe(issue: Issue): string[] {
  if (issue.code === 'unrecognized_keys') return (issue.keys ?? []).map((key) => `unknown key ${[...issue.path, key].join('.')}`)
  // What is wrong with a key of a record is told one level down.
  const message = issue.code === 'invalid_key' ? (issue.issues?.[0]?.message ?? issue.message) : issue.message
  return [`${issue.path.join('.') || 'the file'}: ${message}`]
}

/** "127.0.0.1:8183", "[::1]:8183" or "8183" → where to listen; undefined for "off". */
export function listenAddress(text: string): {host: string; port: number} | undefined {
  if (text === 'off') return undefined
  const at = text.lastIndexOf(':')
  const host = at < 0 ? '127.0.0.1' : text.slice(0, at).replace(/^\[|\]$/g, '')
  return {host, port: Number(text.slice(at + 1))}
}
