import path from 'node:path'
import type {DeclaredStack, StackFiles} from '../model/declared.js'
import type {ListedContainer} from '../model/listed-container.js'
import {configurationError} from '../model/operator-error.js'
import {stepsOf, type Plan} from '../model/plan.js'
import {isInTheWay, secondInstances, type Instance} from './second-instance.js'

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
