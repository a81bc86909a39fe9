import {chmod, cp, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {execa, type Result} from 'execa'
import {afterAll} from 'vitest'
import {programOf, ROOT} from '../../lab/workshop.js'

/** A homelab in a temporary folder, made for one test. */
export type Home = {
  readonly folder: string
  readonly envFile: string
  /** The environment in which `homelab` finds it. */
  readonly env: Readonly<Record<string, string>>
  /** `homelab …` in this home. Variables of `env` that are undefined are unset. */
  homelab(args: readonly string[], env?: Record<string, string | undefined>): Promise<Result>
}

export type HomeParts = {
  /** Copies this Compose folder first. */
  readonly from?: string
  /** By path below the home: text to write; undefined removes the file. */
  readonly files?: Readonly<Record<string, string | undefined>>
}

/** Makes homes and plain folders that are removed after the tests of the file, also when they fail. */
export function useHomes(): {home(parts: HomeParts): Promise<Home>; folder(): Promise<string>} {
  const made: string[] = []
  afterAll(async () => {
    await Promise.all(made.map((folder) => rm(folder, {recursive: true, force: true})))
  })
  const folder = async (): Promise<string> => {
    const made_ = await mkdtemp(path.join(tmpdir(), 'homelab-home-'))
    made.push(made_)
    return made_
  }
  return {folder, home: async (parts) => makeHome(await folder(), parts)}
}

async function makeHome(folder: string, {from, files = {}}: HomeParts): Promise<Home> {
  const compose = path.join(folder, 'compose')
  await mkdir(compose)
  if (from !== undefined) await cp(from, compose, {recursive: true})
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name)
    if (text === undefined) await rm(file)
    else await writeFile(file, text)
    if (text !== undefined && path.basename(file) === '.env') await chmod(file, 0o600)
  }
  // A state folder of its own: the machine's may be a homelab's that serves films.
  const own = {HOMELAB_HOME: folder, HOMELAB_STATE: path.join(folder, 'state')}
  return {folder, envFile: path.join(compose, '.env'), env: own, homelab: (args, env = {}) => runHomelab(args, {...own, ...env})}
}

const PROGRAM = path.join(ROOT, 'bin/run.cjs')

/** The built program, as its user would type it. */
export const runHomelab = (args: readonly string[], env: Record<string, string | undefined>): Promise<Result> =>
  execa(programOf(), [...args], {env, reject: false, all: true})

export const PROGRAM_ARGV: readonly [string, string] = [process.execPath, PROGRAM]

/** A Compose service that runs a stand-in of the lab and is healthy at once. */
export function miniService({image, lab, port, more = []}: {image: string; lab: string; port: number; more?: readonly string[]}): string {
  return `    image: ${image}
    restart: unless-stopped
    stop_grace_period: 2s
    labels:
      io.homelab.lab: "${lab}"
    healthcheck:
      test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:${port}/"]
      interval: 30s
      timeout: 5s
      start_period: 1m
      start_interval: 500ms
${more.map((line) => `    ${line}\n`).join('')}`
}

/** The text of a Compose file: services by name. */
export const miniStack = (project: string, services: Readonly<Record<string, string>>): string =>
  `name: ${project}\nservices:\n${Object.entries(services)
    .map(([name, text]) => `  ${name}:\n${text}`)
    .join('')}`
