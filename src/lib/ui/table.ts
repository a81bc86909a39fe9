/** Small texts that several renderers share. */

export function seconds(value: number): string {
  if (value < 9.95) return `${value.toFixed(1)} s`
  const whole = Math.round(value)
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

export const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`

export const shortId = (imageId: string): string => imageId.replace(/^sha256:/, '').slice(0, 12)

/** Columns padded to their widest cell; the last one is left as it is. `width` counts what is seen, not colour codes. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd(),
  )
}

const width = (text: string): number => Array.from(text.replace(/\u001B\[[0-9;]*m/g, '')).length

/** Cuts a line to so many visible characters; colour codes take no room and are kept, so that none is left open. */
export function fit(line: string, room: number): string {
  if (width(line) <= room) return line
  let left = room - 1
  const parts = line.split(/(\u001B\[[0-9;]*m)/)
  const kept = parts.map((part, index) => {
    if (index % 2 === 1) return part
    const shown = Array.from(part).slice(0, Math.max(0, left))
    left -= shown.length
    return shown.join('')
  })
  return `${kept.join('')}…`
}

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
