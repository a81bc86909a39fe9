import {createHash, timingSafeEqual} from 'node:crypto'

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
