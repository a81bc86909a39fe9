import type {Watcher} from './supervise.js'

/** Makes a watcher that listens. @param heard Call when it listens, and when it cannot: then it has told why. */
type Listener = (heard: () => void) => Watcher

/** Watchers that listen, and whether all of them do. */
export type Ears = {
  readonly add: (listener: Listener) => Watcher
  /** Each listens, or has told why it cannot: a port that is taken keeps nobody from watching. */
  readonly listen: () => boolean
}

/** @param onChange Told when `listen` may say something else. */
export function ears(onChange: () => void): Ears {
  const deaf = new Set<object>()
  const add = (listener: Listener): Watcher => {
    const one = {}
    deaf.add(one)
    const heard = (): void => {
      if (deaf.delete(one)) onChange()
    }
    const watcher = listener(heard)
    return {name: watcher.name, run: (signal) => watcher.run(signal).finally(heard)}
  }
  return {add, listen: () => deaf.size === 0}
}
