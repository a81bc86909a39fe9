import type {About} from '../engine/engine.js'
import type {SharedNetwork} from '../model/declared.js'
import type {Subject} from '../model/finding.js'
import {Silent, type OperatorError} from '../model/operator-error.js'
import {machineFindings} from './machine-finding.js'
import {networkFindings} from './network-findings.js'

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
