export type UpdateRules = {
  readonly gate: {readonly running: number; readonly healthyFor: number}
  readonly probe: string | undefined
  readonly probeTimeout: number
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly hookTimeout: number
  readonly backup: boolean
  readonly backupPaths: readonly string[]
}
