import type {DeclaredStack} from '../model/declared.js'
import type {ObservedStack} from '../model/observed.js'
import {publishedPort} from '../model/published-port.js'
import type {Diagnosis} from './diagnosis.js'

/** Who listens on a port of this machine; `program` is only known to root. */
export type Listener = {readonly port: number; readonly address: string; readonly program: string | undefined}

type World = {readonly stack: DeclaredStack; readonly observed: ObservedStack}

/**
 * Ports that a stack wants and that somebody else has, and ports that two services want. Pure.
 * @param listeners undefined: the kernel's tables could not be read.
 */
export function portDiagnoses(worlds: readonly World[], listeners: readonly Listener[] | undefined): Diagnosis[] {
  const wanted = worlds.flatMap(({stack, observed}) =>
    [...stack.services.values()].flatMap(({name, active, published = []}) =>
      active
        ? published.map(({address, port}) => ({stack: stack.name, service: name, address, port, has: hasIt(observed, name, port)}))
        : [],
    ),
  )
  const twice = wanted.flatMap((one, index) => {
    const other = wanted.slice(0, index).find((earlier) => earlier.port === one.port && meet(earlier.address, one.address))
    return other === undefined ? [] : [{...one, by: `${other.stack}/${other.service}`}]
  })
  const taken = wanted.flatMap((one) => {
    if (one.has) return []
    const holder = listeners?.find(({port, address}) => port === one.port && meet(address, one.address))
    return holder === undefined ? [] : [{...one, by: holder.program ?? 'another program (sudo tells which)'}]
  })
  const clashes = [...twice, ...taken].map(({stack, service, port, by}): Diagnosis => ({
    is: 'bad',
    check: `port ${port}`,
    says: `${stack}/${service} wants it, and ${by} has it`,
    next: [`sudo ss -ltnp "sport = :${port}"`, `Stop that, or choose another port in compose/.env`],
  }))
  const unasked: Diagnosis = {is: 'unknown', check: 'ports', says: `${wanted.length} wanted; who listens here could not be read`}
  if (listeners === undefined) return [...clashes, unasked]
  return clashes.length > 0 ? clashes : [{is: 'good', check: 'ports', says: `${wanted.length} wanted, none is taken by others`}]
}

function hasIt({containers}: ObservedStack, service: string, port: number): boolean {
  const container = containers.get(service)
  if (container?.state !== 'running') return false
  return (
    container.ports.some((text) => /^(?:.+:)?(\d+)(?:->|$)/.exec(text)?.[1] === String(port)) ||
    publishedPort(container, port) !== undefined
  )
}

const EVERYWHERE = new Set(['0.0.0.0', '::', ''])

const meet = (a: string, b: string): boolean => a === b || EVERYWHERE.has(a) || EVERYWHERE.has(b)
