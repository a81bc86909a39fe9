/**
 * A name for an operation that sorts by its beginning, UTC: "20261123-021305-4f2a17". Six digits, as `all` begins several
 * operations in the same second.
 * @param random as `Math.random`
 */
export function operationId(now: Date, random: () => number): string {
  const [date = '', time = ''] = now.toISOString().replaceAll(/[-:]/g, '').slice(0, 15).split('T')
  const digits = Math.floor(random() * 0x1000000).toString(16)
  return `${date}-${time}-${digits.padStart(6, '0')}`
}
