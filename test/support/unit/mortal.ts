import type {CascadeHands} from '../../../src/lib/cascade/observe.js'

/** A process that can be killed, or suffer an error, at any of its calls. */
export type Life = {
  readonly signal: AbortSignal
  isOver(): boolean
  /** Does this at the call after so many others; once. */
  at(calls: number, deed: () => void): void
  /** Nothing of that comes any more. */
  forget(): void
  kill(): void
  /** Asks it to end, as SIGTERM does. */
  end(): void
}

/**
 * Hands whose calls are counted. After a kill nothing of that process has an effect any more: what it called never
 * returns. Docker goes on with what it was asked for.
 */
export function mortal(hands: CascadeHands): {hands: CascadeHands; life: Life} {
  const ending = new AbortController()
  const plots: {left: number; readonly deed: () => void}[] = []
  let over = false
  const kill = (): void => {
    over = true
    ending.abort()
  }
  const call = async <T>(act: () => Promise<T>): Promise<T> => {
    for (const plot of [...plots]) {
      if (plot.left-- > 0) continue
      plots.splice(plots.indexOf(plot), 1)
      plot.deed()
    }
    if (over) return forever()
    const result = await act()
    return over ? forever() : result
  }
  const life = {
    signal: ending.signal,
    isOver: () => over || ending.signal.aborted,
    at: (left: number, deed: () => void) => void plots.push({left, deed}),
    forget: () => void plots.splice(0),
    kill,
    end: () => ending.abort(),
  }
  return {life, hands: guarded(hands, call)}
}

const forever = <T>(): Promise<T> => new Promise(() => undefined)

type Call = <T>(act: () => Promise<T>) => Promise<T>

const COUNTED = new Set([
  'observe',
  'inspect',
  'start',
  'stop',
  'restart',
  'composeReplace',
  'composeUp',
  'append',
  'read',
  'write',
  'post',
])

function guarded(hands: CascadeHands, call: Call): CascadeHands {
  const {engine, journal, memory, notifier} = hands
  return {
    ...hands,
    engine: counting(engine, call),
    journal: counting(journal, call),
    memory: counting(memory, call),
    notifier: counting(notifier, call),
  }
}

type Method = (...args: readonly unknown[]) => Promise<unknown>

function counting<T extends object>(target: T, call: Call): T {
  return new Proxy(target, {
    get: (object, name) => {
      const method = Reflect.get(object, name) as unknown
      if (typeof method !== 'function') return method
      const bound = method.bind(object) as Method
      return COUNTED.has(String(name)) ? (...args: readonly unknown[]) => call(() => bound(...args)) : bound
    },
  })
}
