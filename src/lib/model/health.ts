/** Something that is wrong, remembered between two looks. Holds no secret. */
export type Trouble = {
  readonly area: string
  readonly subject: string
  /** Of a dangerous finding, which check it is: it is a trouble of its own. */
  readonly danger?: string
  readonly is: 'bad' | 'unknown'
  readonly says: string
  /** Epoch milliseconds. */
  readonly since: number
}
