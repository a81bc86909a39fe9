/** Lines of a unit that mean something, in their order. */
const settings = (unit: string): string[] => unit.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

/**
 * What writing the unit anew would change: "-" before a line that would go, "+" before one that would come. Not by their
 * order. Empty also for two texts that differ in comments only.
 */
export function difference(installed: string, wanted: string): string[] {
  const [old, next] = [settings(installed), settings(wanted)]
  return [
    ...old.filter((line) => !next.includes(line)).map((line) => `- ${line}`),
    ...next.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ]
}
