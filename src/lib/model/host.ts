/** `unknown`: it may not be looked at, or does not answer. */
export type Place = 'missing' | 'empty' | 'there' | 'unknown'

/** What is at paths of this machine; or the name of the other machine that Docker runs on, where we cannot look. */
export type Host = {readonly places: ReadonlyMap<string, Place>} | {readonly elsewhere: string}
