/** Milliseconds. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await act()
  return performance.now() - began
}

/** What is timed, for people who watch, and noted. */
export function notes(): {note: (name: string, ms: number) => void; readonly times: ReadonlyMap<string, number[]>} {
  const times = new Map<string, number[]>()
  const note = (name: string, ms: number): void => {
    times.set(name, [...(times.get(name) ?? []), ms])
    console.error(`  ${name}: ${Math.round(ms)} ms`)
  }
  return {note, times}
}
