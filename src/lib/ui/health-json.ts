import {isWrong, worstOf, type Finding, type Subject} from '../model/finding.js'

/** The `--json` form of the health. Part of the program's interface: fields are added, never renamed. */
export type HealthJson = {
  readonly ok: boolean
  /** When it was looked, ISO 8601. */
  readonly at: string
  readonly subjects: readonly {
    readonly area: string
    readonly subject: string
    /** The worst of its findings. */
    readonly is: Finding['is']
    readonly findings: readonly Finding[]
  }[]
}

export const healthJson = (subjects: readonly Subject[], at: Date): HealthJson => ({
  ok: !subjects.some(({findings}) => findings.some(isWrong)),
  at: at.toISOString(),
  subjects: subjects.map(({area, subject, findings}) => ({area, subject, is: worstOf(findings), findings})),
})
