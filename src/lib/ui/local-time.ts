/**
 * "2026-11-23 02:13:05 +01:00": for a person, on paper too, where the zone has to stand beside it.
 * @param offset minutes that our clocks are ahead of UTC at that moment
 */
export function localTime(moment: Date, offset: (moment: Date) => number): string {
  const ahead = offset(moment)
  const shown = new Date(moment.getTime() + ahead * 60_000).toISOString().slice(0, 19).replace('T', ' ')
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  return `${shown} ${ahead < 0 ? '-' : '+'}${two(Math.abs(ahead) / 60)}:${two(Math.abs(ahead) % 60)}`
}

/** What our clocks show, by TZ or the machine's setting. */
export const ourOffset = (moment: Date): number => -moment.getTimezoneOffset()
