/** Sortable and short: "20261123-021305-4f2a". @param random As Math.random. */
export function operationId(now: Date, random: () => number): string {
  const [date = '', time = ''] = now.toISOString().split('T')
  const tail = Math.floor(random() * 0x1_00_00)
    .toString(16)
    .padStart(4, '0')
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${tail}`
}
