import path from 'node:path'
import type {ListedContainer} from '../model/container.js'
import {repositoryOf} from '../model/image.js'
import {stepsOf, type Plan} from '../model/plan.js'
import type {DeclaredService, DeclaredStack, StackFiles} from '../model/stack.js'
import {configurationError} from '../util/errors.js'
import {belongsToNeighbour} from './neighbours.js'

/**
 * A container of another project, or of none, that is what this stack declares: made from the same file, or from another
 * one for the same folders. Two of them write into the same databases.
 */
type Instance = {
  /** The service of the stack that it is. */
  readonly service: string
  readonly container: ListedContainer
  /**
   * - `file`: made from a file of the stack. `folder`: a file of the same folder, perhaps under its former name.
   * - `data`: it has a folder of the service mounted. `name`: it has the name that the service's container has to get.
   */
  readonly by: 'file' | 'folder' | 'data' | 'name'
}

/** Pure. @param neighbours The other stacks of the homelab: what they made is meant to be there. */
export function secondInstances(stack: DeclaredStack, neighbours: readonly StackFiles[], listed: readonly ListedContainer[]): Instance[] {
  return listed.flatMap((container): Instance[] => {
    const named = namesake(stack, container)
    if (named !== undefined) return [{service: named.name, container, by: 'name'}]
    if (container.project === stack.project || belongsToNeighbour(stack, container.files, neighbours)) return []
    const same = sameFile(stack, container) ?? sameData(stack, container)
    return same === undefined ? [] : [{...same, container}]
  })
}

/** Whether it runs, or Docker starts it again by itself. */
const isActive = ({container: {state}}: Instance): boolean => state === 'running' || state === 'restarting' || state === 'paused'

/** In the way, also when it is stopped. */
export const isInTheWay = (instance: Instance): boolean => instance.by === 'name' || isActive(instance)

function namesake(stack: DeclaredStack, {name, project, service}: ListedContainer): DeclaredService | undefined {
  const wanted = [...stack.services.values()].find(({containerName}) => containerName === name)
  return wanted === undefined || (project === stack.project && service === wanted.name) ? undefined : wanted
}

type Same = Pick<Instance, 'service' | 'by'>

function sameFile(stack: DeclaredStack, {service = '', files, workingDir, image}: ListedContainer): Same | undefined {
  const declared = stack.services.get(service)
  if (declared === undefined) return undefined
  if (files.some((file) => stack.files.includes(file))) return {service, by: 'file'}
  const [first = ''] = stack.files
  return workingDir === path.dirname(first) && sameImage(declared, image) ? {service, by: 'folder'} : undefined
}

function sameData(stack: DeclaredStack, container: ListedContainer): Same | undefined {
  const found = [...stack.services.values()].find((service) => sharesData(stack, service, container))
  return found && {service: found.name, by: 'data'}
}

/** The folder that images of applications keep their databases in. */
const CONFIG = '/config'

/**
 * One folder as `/config` of two containers is two applications on one database, whatever they are called. Any other folder
 * tells only for the same application: media, sockets and the machine's own folders are shared by many.
 */
function sharesData(stack: DeclaredStack, service: DeclaredService, container: ListedContainer): boolean {
  const alike = container.service === service.name && sameImage(service, container.image)
  return service.binds.some(({source, target}) => {
    const mounted = container.binds.some((bind) => bind.writable && bind.source === source && bind.target === target)
    return mounted && (target === CONFIG || (alike && isPrivate(stack, source)))
  })
}

const MACHINE = /^\/(?:(?:etc|proc|sys|dev|run|var\/run)(?:\/|$)|$)|\.sock$/

/** Mounted by one service alone. */
const isPrivate = (stack: DeclaredStack, source: string): boolean =>
  !MACHINE.test(source) && [...stack.services.values()].filter(({binds}) => binds.some((bind) => bind.source === source)).length === 1

const sameImage = ({image}: DeclaredService, other: string): boolean => image !== undefined && repositoryOf(image) === repositoryOf(other)

/**
 * A plan that would create what runs already under another project is not carried out.
 * @throws OperatorError (78), before anything is done: whose the containers are, and what to type.
 */
export function refuseSecond(
  plan: Plan,
  stack: DeclaredStack,
  neighbours: readonly StackFiles[],
  listed: readonly ListedContainer[],
): void {
  const creating = new Set(stepsOf(plan).flatMap(({action, target}) => (action === 'create' ? [target] : [])))
  const found = secondInstances(stack, neighbours, listed).filter((one) => isInTheWay(one) && creating.has(one.service))
  if (found.length === 0) return
  const owners = [...byProject(found)].map(([, instances]) => ownerText(instances))
  throw configurationError(
    `What ${stack.name} would create is there already: ${owners.join('; ')}. Two would work on the same data, or under the same name. Nothing was done.`,
    [...byProject(found)].flatMap(([, instances]) => instanceNext(stack, instances)),
  )
}

/** By project; '' for what Compose did not make. */
export function byProject(instances: readonly Instance[]): Map<string, Instance[]> {
  const projects = [...new Set(instances.map(({container}) => container.project ?? ''))]
  return new Map(projects.map((project) => [project, instances.filter(({container}) => (container.project ?? '') === project)]))
}

/** "the project media has sonarr (media-sonarr-1)"; all of one project. */
export function ownerText(instances: readonly Instance[]): string {
  const names = instances.map(({service, container: {name, state}}) => `${service} (${name}${state === 'running' ? '' : `, ${state}`})`)
  const project = instances[0]?.container.project
  return `${project === undefined ? 'without Compose there is' : `the project ${project} has`} ${names.join(', ')}`
}

/** The two ways out: homelab takes them over as they are, or they go. All of one project. */
export function instanceNext(stack: DeclaredStack, instances: readonly Instance[]): string[] {
  const [first] = instances
  const project = first?.container.project
  const fits =
    project !== undefined && project !== stack.project && instances.every(({service, container}) => container.service === service)
  return [
    ...(fits ? [`Keep them, as homelab's own: write "name: ${project}" at the top of ${stack.files[0]}`] : []),
    `${fits ? 'or remove' : 'Remove'} them; folders and volumes stay: ${removal(instances)}`,
  ]
}

function removal(instances: readonly Instance[]): string {
  const [first] = instances
  const {project, files = [], workingDir} = first?.container ?? {}
  const names = instances.map(({container}) => container.name).join(' ')
  if (project === undefined || instances.some(({by}) => by !== 'file')) return `docker stop ${names} && docker rm ${names}`
  const [base = ''] = files
  const folder = workingDir === undefined || workingDir === path.dirname(base) ? '' : ` --project-directory ${workingDir}`
  return `docker compose -p ${project}${folder}${files.map((file) => ` -f ${file}`).join('')} down`
}
