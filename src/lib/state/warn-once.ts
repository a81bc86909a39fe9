import type {Log} from '../model/log.js'

/** What is found at every look is worth a line at the first. */
export function warnOnce(log: Log): (text: string) => void {
  const told = new Set<string>()
  return (text) => {
    if (!told.has(text)) log.warn(text)
    told.add(text)
  }
}
