import type {About} from '../docker/engine.js'
import type {Subject, Finding} from '../model/finding.js'
import type {SharedNetwork} from '../model/stack.js'
import {Silent, type OperatorError} from '../util/errors.js'

/** Whether Docker answers. Pure. @param about What it said; or why it did not. @param ours The name of this machine. */
export function dockerSubjects(about: About | OperatorError, shared: readonly SharedNetwork[], ours: string): Subject[] {
  const base = {area: 'host', subject: 'docker'}
  if (about instanceof Error) {
    const late = about instanceof Silent && {late: true as const}
    return [{...base, findings: [{is: 'bad', check: 'engine', says: about.message, next: about.next, ...late}]}]
  }
  const networks = networkFindings(shared, about.subnets)
  return [
    {...base, findings: [{is: 'good', check: 'engine', says: `${about.version} answers`}, ...machineFindings(about.machine, ours)]},
    ...(networks.length > 0 ? [{area: 'host', subject: 'network', findings: networks}] : []),
  ]
}

/** `.env`: complete, and nobody else's to read. Pure. */
export const envSubject = (path: string, problem: OperatorError | undefined): Subject => ({
  area: 'host',
  subject: '.env',
  findings: [
    problem === undefined
      ? {is: 'good', check: '.env', says: `${path} is complete, and private`}
      : {is: 'bad', check: '.env', says: problem.message, next: problem.next},
  ],
})

/** Stacks whose files cannot be read. Pure. */
export const brokenSubjects = (failed: readonly {readonly stack: string; readonly error: OperatorError}[]): Subject[] =>
  failed.map(({stack, error}) => ({
    area: stack,
    subject: 'stack',
    findings: [{is: 'bad', check: 'files', says: error.message, next: error.next}],
  }))

/** The networks that the stacks share: there, and with the subnet that the firewall lets through. Pure. */
function networkFindings(shared: readonly SharedNetwork[], subnets: ReadonlyMap<string, readonly string[]>): Finding[] {
  const wanted = new Map(shared.map((network) => [network.name, network.subnet]))
  return [...wanted].map(([name, subnet]): Finding => {
    const there = subnets.get(name)
    if (there === undefined) return {is: 'bad', check: name, says: 'there is no such network', next: ['homelab stack all up creates it']}
    if (subnet === undefined || there.includes(subnet)) return {is: 'good', check: name, says: there.join(', ')}
    return {
      is: 'bad',
      check: name,
      says: `its subnet is ${there.join(', ') || 'not known'}, the files say ${subnet}: the firewall lets through the wrong one`,
      next: [
        `Set MEDIA_SUBNET in compose/.env to ${there[0] ?? subnet}`,
        `or make it anew: homelab stack all down, docker network rm ${name}`,
      ],
    }
  })
}

/** Disks, folders, the clock and ports are looked at where we run: of another machine nothing is said by that. Pure. */
export function machineFindings(docker: string, ours: string): Finding[] {
  if (docker === ours) return []
  return [
    {
      is: 'unknown',
      check: 'machine',
      says: `Docker runs on ${docker}, and this is ${ours}: disks, folders, time and ports were looked at here, not there`,
      next: [`Run it on ${docker}, as by ssh`],
    },
  ]
}
