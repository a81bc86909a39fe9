import {Chalk, type ChalkInstance} from 'chalk'

/** Where the program writes, and what that place understands. */
export type Terminal = {
  /** A person watches: lines may be rewritten. */
  readonly interactive: boolean
  readonly colour: boolean
  /** Columns; Infinity where nobody's window can be too narrow. */
  readonly width: number
  readonly write: (text: string) => void
}

export const palette = (terminal: Pick<Terminal, 'colour'>): ChalkInstance => new Chalk({level: terminal.colour ? 1 : 0})
