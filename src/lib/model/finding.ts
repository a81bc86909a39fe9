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
}

/** Whether nothing is wrong, and nothing is open. */
export const allFine = (findings: readonly Finding[]): boolean => findings.every(({is}) => is === 'good' || is === 'warn')
