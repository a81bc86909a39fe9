/** How the Engine API says what went wrong; dockerode puts the HTTP status on its errors. */

const statusOf = (error: unknown): number | undefined =>
  typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined

export const isNotFound = (error: unknown): boolean => statusOf(error) === 404
export const isConflict = (error: unknown): boolean => statusOf(error) === 409
/** Start of what runs, stop of what is stopped. */
export const isUnchanged = (error: unknown): boolean => statusOf(error) === 304

/** Why a registry did not say what it has, in a few words. */
export function registryTrouble(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  if (/toomanyrequests|429|rate limit/i.test(text)) return 'the registry limits our requests for now'
  if (/unauthorized|denied|authentication required|\b401\b|\b403\b/i.test(text)) return 'the registry wants a login'
  if (/manifest unknown|not found|\b404\b/i.test(text)) return 'the registry does not know it'
  return 'the registry does not answer'
}
