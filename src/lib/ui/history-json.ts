import type {Operation} from '../model/operation.js'

/** The --json form of `history`. Part of the program's interface: fields are added, never renamed. */
export type HistoryJson = {
  /** Oldest first. */
  operations: OperationJson[]
  /** How many fit, too, and were left out for --lines. */
  earlier: number
}

type OperationJson = Omit<Operation, 'lastAt' | 'steps'> & {steps: Operation['steps'][number][]}

export const historyJson = (shown: readonly Operation[], earlier: number): HistoryJson => ({
  operations: shown.map(({lastAt: _, ...operation}) => ({...operation, steps: [...operation.steps]})),
  earlier,
})
