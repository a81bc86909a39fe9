/** That somebody took a gateway's tunnel down, and is to bring it back. Each call throws an OperatorError (78) that names the file. */
export type TunnelMark = {
  /** After its process was killed: until the tunnel is brought back. */
  isSet(): Promise<boolean>
  /** On disk when it returns. */
  set(): Promise<void>
  clear(): Promise<void>
  /** Runs `work` while no other process switches this tunnel. @throws OperatorError (75) if one does; whatever `work` throws. */
  alone<T>(work: () => Promise<T>): Promise<T>
}
