/** Something that is wrong, remembered between two looks. Holds no secret. */
export type Trouble = {
  readonly area: string
  readonly subject: string
  readonly is: 'bad' | 'unknown'
  readonly says: string
  /** Epoch milliseconds. */
  readonly since: number
}
