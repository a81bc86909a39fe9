/** Replaces secrets in what other programs say: Compose quotes the values that it complains about. */
export type Conceal = (text: string) => string

const SECRET_NAME = /KEY|TOKEN|SECRET|PASS|PWD|AUTH|CREDENTIAL|CLAIM|TOPIC|PRIVATE/i
/** A shorter value would also be found where it means something else. */
const SHORTEST = 6

export function concealer(variables: Readonly<Record<string, string>>): Conceal {
  const secret = Object.entries(variables).filter(([name, value]) => SECRET_NAME.test(name) && value.length >= SHORTEST)
  // The longest first: one may be a part of another.
  const values = secret.map(([, value]) => value).toSorted((a, b) => b.length - a.length)
  return (text) => values.reduce((shown, value) => shown.replaceAll(value, '***'), withoutBrokenEnv(text))
}

/** A quote that is never closed makes the rest of `.env` one value, and Compose prints it. */
const withoutBrokenEnv = (text: string): string =>
  text.replace(/(unterminated quoted value|unexpected character)[^\n]*(\n.*)*/g, '$1 (not shown here)')
