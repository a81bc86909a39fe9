import {endedByNamespace} from '../../model/attachment.js'
import type {ObservedContainer} from '../../model/observed.js'
import {couldNotStart} from '../../model/start-failure.js'
import type {World} from '../world.js'
import {WITH_DAEMON, type Diagnosis} from './diagnose.js'

/** What happened, as far as it can still be seen: for the journal and the alerts. */
export function triggerOf(world: World, diagnoses: readonly Diagnosis[], force: boolean): string {
  if (diagnoses.some(({reason}) => reason.startsWith(WITH_DAEMON))) return 'the Docker daemon was killed and started again'
  const gateways = [...new Set(diagnoses.filter(({course}) => course.length > 0).flatMap(({gateway}) => gateway ?? []))]
  const told = gateways.map((name) => gatewayTrigger(world, diagnoses, name)).filter((text) => text !== '')
  if (told.length > 0) return told.join('; ')
  const failed = diagnoses.filter(({course}) => course.length > 0).flatMap(({service}) => world.observed.containers.get(service) ?? [])
  const [first] = failed.filter(couldNotStart)
  if (first !== undefined) return `Docker could not start ${first.service}: ${first.error}`
  return force ? 'asked for with --force' : 'a service was left stopped'
}

function gatewayTrigger(world: World, diagnoses: readonly Diagnosis[], name: string): string {
  const gateway = world.observed.containers.get(name)
  if (gateway === undefined) return `${name} has no container any more`
  if (couldNotStart(gateway)) return `Docker could not start ${name}: ${gateway.error}`
  if (gateway.state !== 'running' && gateway.state !== 'paused')
    return `${name} stopped running (exit code ${gateway.exitCode}${gateway.error === '' ? '' : `: ${gateway.error}`})`
  const behind = diagnoses.filter((diagnosis) => diagnosis.gateway === name && diagnosis.course.length > 0)
  const containers = behind.flatMap(({service}) => world.observed.containers.get(service) ?? [])
  const known = [gateway.id, gateway.name].map((target) => `container:${target}`)
  if (containers.some(({networkMode}) => !known.includes(networkMode))) return `${name} has a new container, started ${at(gateway)}`
  if (containers.some((container) => endedByNamespace(container)))
    return `Docker could not start ${name}'s dependents, as after a restart of the daemon`
  if (containers.some(({startedAt}) => startedAt < gateway.startedAt)) return `${name} started again ${at(gateway)}`
  return ''
}

const at = ({startedAt}: ObservedContainer): string => `at ${new Date(startedAt).toISOString().slice(11, 19)} UTC`
