/** A number with its noun, for people: 1 service, 2 services. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

/** "nothing has come back through the tunnel for 34 s, 12 packets sent". @param lasted Milliseconds. */
export function silenceText(lasted: number, sent: number | undefined): string {
  const packets = sent === undefined ? '' : `, ${sent} ${sent === 1 ? 'packet' : 'packets'} sent`
  return `nothing has come back through the tunnel for ${lastedText(lasted)}${packets}`
}

/** "34 s", "3 min 20 s", "2 h 5 min". */
export function lastedText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** "3 minutes", "5 days": how long something has been so; nothing, for what the clock says is yet to come. */
export function age(span: number): string {
  const milliseconds = Math.max(0, span)
  const units: readonly [number, string][] = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
    [1_000, 'second'],
  ]
  const [size, name] = units.find(([unit]) => milliseconds >= unit) ?? [1_000, 'second']
  return count(Math.floor(milliseconds / size), name)
}
