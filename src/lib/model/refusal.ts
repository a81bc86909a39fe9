/** A mistake in our own code. Nobody else can mend it, and its stack says where it is. */
export const isMistake = (error: unknown): boolean =>
  !(error instanceof Error) || error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError

/**
 * Why something was refused, in the words of who refused it: the system, a program.
 * @throws what was thrown, if it is a mistake of our own: it must not be told as the operator's.
 */
export function refusal(error: unknown): string {
  if (isMistake(error)) throw error
  return (error as Error).message
}
