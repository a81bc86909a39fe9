/**
 * What one check found, in words. `unknown`: it could not be checked, which is not fine. Part of the program's interface,
 * as `--json`: fields are added, never renamed.
 */
export type Finding = {
  readonly is: 'good' | 'warn' | 'bad' | 'unknown'
  /** What was checked: "exit IP". */
  readonly check: string
  readonly says: string
  /** What a person types or reads next. */
  readonly next?: readonly string[]
  /** Not to be had on every machine: that it could not be checked is told, and is no failure. */
  readonly optional?: true
  /** It is nothing but that no answer came in time. */
  readonly late?: true
  /** Bad of it is that traffic may go around the VPN: it is told on its own, whatever else is wrong with its subject. */
  readonly danger?: true
}

/** Something that was checked in several ways. */
export type Subject = {
  /** The stack that it is of, "host" or "vpn". */
  readonly area: string
  readonly subject: string
  readonly findings: readonly Finding[]
}

/** Whether nothing is wrong, and nothing is open. */
export const allFine = (findings: readonly Finding[]): boolean => !findings.some(isWrong)

/** Wrong, or open where it may not be. */
export const isWrong = ({is, optional}: Finding): boolean => is === 'bad' || (is === 'unknown' && optional !== true)

const ORDER = ['good', 'warn', 'unknown', 'bad'] as const

/** The worst of what was found; without any, good. */
export const worstOf = (findings: readonly Finding[]): Finding['is'] =>
  ORDER[Math.max(0, ...findings.map(({is}) => ORDER.indexOf(is)))] ?? 'good'
