import {stat} from 'node:fs/promises'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {observeEach} from '../stack/status.js'
import {comparable} from '../stack/require-first.js'
import type {About, DiagnosedEngine} from '../docker/engine.js'
import {withRemedy, type Diagnosis, versionFinding} from './remedy.js'
import {folderDiagnosis, wantedFolders} from './folders.js'
import {instanceDiagnoses, imageDiagnoses, withUnread} from './stacks.js'
import {listeners, portDiagnoses} from './ports.js'
import {wudLoginDiagnoses} from './wud-login.js'
import {readDisk} from '../health/disk.js'
import {hostSubjects} from '../health/host.js'
import {machineFindings} from '../health/docker.js'
import {gatewaysOf} from '../model/stack.js'
import {OperatorError} from '../util/errors.js'
import {byProject, instanceNext, ownerText, isInTheWay, secondInstances} from '../stack/second-instance.js'
import {lostEntries} from '../update/policy.js'
import type {World} from '../stack/snapshot.js'
import type {Setting} from '../config/homelab.js'

type DoctorLook = {
  readonly setting: Setting
  readonly engine: DiagnosedEngine
  /** Of `.env`, and what is wrong with it. */
  readonly variables: Readonly<Record<string, string>>
  readonly envProblem: OperatorError | undefined
  /** The state folder. */
  readonly folder: string
  readonly signal: AbortSignal
}

/** Everything that has to be right before anything runs. */
export async function diagnose(look: DoctorLook): Promise<Diagnosis[]> {
  const {engine, setting, signal} = look
  const [about, compose, seen] = await Promise.all([
    told(engine.about(signal)),
    told(engine.composeVersion(signal)),
    observeEach(setting.stacks, engine, signal),
  ])
  const broken = seen.failed.map(({stack, error}): Diagnosis => ({
    is: 'bad',
    check: `stack ${stack}`,
    says: error.message,
    next: error.next,
  }))
  return [
    about instanceof OperatorError ? refused('Docker Engine', about) : versionFinding('engine', about.version),
    ...(about instanceof OperatorError ? [] : machineFindings(about.machine, hostname())),
    compose instanceof OperatorError ? refused('Docker Compose', compose) : versionFinding('compose', compose),
    await ofEnv(look),
    // Without Docker no stack can be told of, and that is said above.
    ...(about instanceof OperatorError || look.envProblem !== undefined ? [] : broken),
    ...ofEntries(seen.worlds, setting),
    ...(await ofMedia(look)),
    ...(seen.worlds.length === 0
      ? [UNREAD]
      : withUnread(
          await ofStacks(seen.worlds, about, look),
          seen.failed.map(({stack}) => stack),
        )),
  ]
}

/** A typo in `updates.services` loses what it says, like "never". */
const ofEntries = (worlds: readonly World[], {configuration, stacks}: Setting): Diagnosis[] =>
  lostEntries(
    configuration.updates,
    worlds.map(({stack}) => stack),
    stacks.map(({name}) => name),
  ).map(({says, hint}) => ({is: 'bad', check: 'updates', says, ...(hint !== undefined && {next: [hint]})}))

/** What no stack could be asked for is not fine. */
const UNREAD: Diagnosis = {
  is: 'unknown',
  check: 'stacks',
  says: 'none could be read, so tunnel, ports, folders and images were not checked',
}

async function ofStacks(worlds: readonly World[], about: About | OperatorError, look: DoctorLook): Promise<Diagnosis[]> {
  return [
    ...(await ofTunnel(worlds)),
    ...(await ofProjects(worlds, look)),
    ...wudLoginDiagnoses(
      worlds.map(({stack}) => stack),
      look.variables,
      look.setting.configuration.updates.wud !== undefined,
    ),
    ...portDiagnoses(worlds, await listeners().catch(() => undefined)),
    ...(await ofFolders(worlds, look)),
    ...(about instanceof OperatorError ? [] : await ofImages(worlds, about, look)),
  ]
}

/** What another project has made of the same files, or for the same folders. */
async function ofProjects(worlds: readonly World[], {engine, setting, signal}: DoctorLook): Promise<Diagnosis[]> {
  const listed = await told(engine.inventory(signal))
  if (listed instanceof OperatorError) return [refused('projects', listed)]
  const each = worlds.map(async ({stack}) => {
    const {own, neighbours, listed: all} = await comparable(stack, setting.stacks, listed)
    return [...byProject(secondInstances(own, neighbours, all)).values()].map((instances) => ({
      stack: stack.name,
      says: ownerText(instances),
      inTheWay: instances.some(isInTheWay),
      next: instanceNext(own, instances),
    }))
  })
  return instanceDiagnoses((await Promise.all(each)).flat())
}

async function told<T>(question: Promise<T>): Promise<T | OperatorError> {
  try {
    return await question
  } catch (error) {
    if (error instanceof OperatorError) return error
    throw error
  }
}

const refused = (check: string, error: OperatorError): Diagnosis => ({is: 'bad', check, says: error.message, next: error.next})

/** That others may read it is the one thing of it that can be mended without a person. */
async function ofEnv({setting, envProblem}: DoctorLook): Promise<Diagnosis> {
  const path = join(setting.composeDir, '.env')
  if (envProblem === undefined) return {is: 'good', check: '.env', says: `${path} is complete, and private`}
  const open = await stat(path).then(
    ({mode}) => (mode & 0o077) !== 0,
    () => false,
  )
  const finding = refused('.env', envProblem)
  return open ? withRemedy(finding, {is: 'mode', path, mode: 0o600}) : finding
}

const TUN = '/dev/net/tun'

/** Only a homelab with a gateway needs it. */
async function ofTunnel(worlds: readonly World[]): Promise<Diagnosis[]> {
  if (!worlds.some(({stack}) => gatewaysOf(stack).length > 0)) return []
  const there = await stat(TUN).then(
    (found) => found.isCharacterDevice(),
    () => false,
  )
  if (there) return [{is: 'good', check: 'tunnel', says: `${TUN} is there`}]
  return [withRemedy({is: 'bad', check: 'tunnel', says: `${TUN} is missing: no VPN can be made without it`}, {is: 'module', name: 'tun'})]
}

const configsOf = ({variables}: DoctorLook): string => variables.CONFIG_DIR || '/var/lib/homelab-media-configs'

async function ofMedia(look: DoctorLook): Promise<Diagnosis[]> {
  const {setting, variables, folder} = look
  const {health} = setting.configuration
  const host = await hostSubjects({
    ...{
      media: variables.MEDIA_DIR || '/mnt/media',
      configs: configsOf(look),
      state: folder,
      docker: Promise.resolve(undefined),
      library: health.library,
    },
    ...{puid: Number(variables.PUID || 1000), pgid: Number(variables.PGID || 1000), ownDisk: health.mediaDisk},
    ...{limits: health.disk, patience: health.timeout * 1000},
  })
  return host.flatMap(({subject, findings}) => findings.map((finding) => ({...finding, check: `${subject}: ${finding.check}`})))
}

async function ofFolders(worlds: readonly World[], look: DoctorLook): Promise<Diagnosis[]> {
  const stacks = worlds.map(({stack}) => stack)
  const wanted = wantedFolders(stacks, configsOf(look))
  const patience = look.setting.configuration.health.timeout * 1000
  const found = await Promise.all(wanted.map(async (one) => folderDiagnosis(one, await readDisk(one.path, patience))))
  const wrong = found.filter((one) => one !== undefined)
  const well = {is: 'good', check: 'folders', says: `${wanted.length} have to be there before the first start, and are`} as const
  return wrong.length > 0 ? wrong : [well]
}

async function ofImages(worlds: readonly World[], {architecture}: About, {engine, signal}: DoctorLook): Promise<Diagnosis[]> {
  const references = [...new Set(worlds.flatMap(({stack}) => [...stack.services.values()].flatMap(({image}) => image ?? [])))]
  const images = await Promise.all(references.map(async (reference) => ({reference, image: await engine.image(reference, signal)})))
  return imageDiagnoses(images, architecture)
}
