/** What the watcher has found out about a gateway's tunnel, and has told; times in epoch milliseconds. */
export type TunnelMemory = {
  /** Nothing comes back through it; the counters of its interface were these when something last did. */
  readonly dead?: {readonly since: number; readonly received?: number; readonly sent?: number}
  /** No port is forwarded. */
  readonly portless?: {readonly since: number; readonly told: boolean}
  /** Reconnects by the watcher, in a row. */
  readonly reconnects?: {readonly attempts: number; readonly notBefore: number}
}

/** A file a gateway. Each call throws an OperatorError (78) that names it. */
export type TunnelNotes = {
  /** A damaged file is nothing remembered. */
  read(): Promise<TunnelMemory>
  /** On disk when it returns. */
  write(memory: TunnelMemory): Promise<void>
}
