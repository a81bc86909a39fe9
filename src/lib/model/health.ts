/** Something that is wrong, remembered between two looks. Holds no secret. */
export type Trouble = {
  readonly area: string
  readonly subject: string
  /** Of a dangerous finding, which check it is: it is a trouble of its own. */
  readonly danger?: string
  readonly is: 'bad' | 'unknown'
  readonly says: string
  /** It could not be checked, once, and nobody was told yet: it may only have been slow. */
  readonly untold?: true
  /** Epoch milliseconds. */
  readonly since: number
}
