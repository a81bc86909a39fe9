import {createHash, timingSafeEqual} from 'node:crypto'
import {steadyClock} from '../../model/clock.js'

/** Whether whoever asks knows the secret. */
export type Authenticator = (header: string | undefined) => boolean

/**
 * Bearer with the token, or Basic with it as the password. The comparison takes the same time whatever is sent.
 * @param token undefined: everybody may ask, and only this machine should be able to.
 */
export function authenticator(token: string | undefined): Authenticator {
  if (token === undefined) return () => true
  const expected = hash(token)
  return (header) => timingSafeEqual(hash(secretIn(header ?? '')), expected)
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest()

function secretIn(header: string): string {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+) *$/.exec(header) ?? []
  if (scheme.toLowerCase() === 'bearer') return value
  if (scheme.toLowerCase() !== 'basic') return ''
  const pair = Buffer.from(value, 'base64').toString('utf8')
  return pair.slice(pair.indexOf(':') + 1)
}

/** Whether an address may ask once more; else after how many seconds. */
export type RateLimiter = (address: string) => {readonly allowed: boolean; readonly retryAfter: number}

type Bucket = {left: number; at: number}

/** Addresses that are remembered; the oldest is forgotten. */
const MOST = 10_000

/** A bucket for each address, that refills evenly. @param now Epoch milliseconds. */
export function rateLimiter(perMinute: number, now: () => number): RateLimiter {
  const buckets = new Map<string, Bucket>()
  const clock = steadyClock(now)
  const perMs = perMinute / 60_000
  return (address) => {
    const present = clock()
    const known = buckets.get(address) ?? {left: perMinute, at: present}
    const left = Math.min(perMinute, known.left + (present - known.at) * perMs)
    const allowed = left >= 1
    // Again at the end: the map keeps the order in which its keys came.
    buckets.delete(address)
    buckets.set(address, {left: allowed ? left - 1 : left, at: present})
    const [oldest] = buckets.keys()
    if (buckets.size > MOST && oldest !== undefined) buckets.delete(oldest)
    return {allowed, retryAfter: allowed ? 0 : Math.max(1, Math.ceil((1 - left) / perMs / 1000))}
  }
}
