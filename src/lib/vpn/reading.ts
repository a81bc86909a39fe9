/** What a question to a server brought: a value, or why there is none. */
export type Reading<T> = {readonly value: T} | {readonly why: 'refused' | 'unknown-route' | 'silent' | 'strange'; readonly says: string}

export const isRead = <T>(reading: Reading<T>): reading is {readonly value: T} => 'value' in reading

/** Where this Gluetun's tunnel comes out; what it does not know is left out. */
export type ExitAddress = {readonly ip: string; readonly city?: string; readonly country?: string; readonly organization?: string}

export type TunnelState = 'starting' | 'running' | 'stopping' | 'stopped' | 'crashed' | 'completed'

/** What Gluetun says of its tunnel. */
export type Tunnel = {
  readonly version: Reading<string>
  readonly state: Reading<TunnelState>
  readonly exit: Reading<ExitAddress>
  /** None: the provider has forwarded none. */
  readonly ports: Reading<readonly number[]>
  /** Its own DNS server: "running", "stopped". */
  readonly dns: Reading<string>
}
