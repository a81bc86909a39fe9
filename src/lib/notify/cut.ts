/**
 * Bytes of a message. At 4,096 ntfy makes it a file attachment, or refuses it where there are none (`LimitReached:
 * read == limit` in its util/peek.go), so this is one less.
 */
export const MESSAGE_BYTES = 4095

/**
 * Cuts a text between two characters, with "…" at its end, so that it takes at most `bytes` in JSON, and thus in UTF-8.
 * In JSON because ntfy refuses a request of more than twice the bytes of a message, and a line break takes two there.
 */
export function cut(text: string, bytes: number): string {
  if (jsonBytes(text) <= bytes) return text
  const kept: string[] = []
  let left = bytes - jsonBytes('…')
  for (const character of text) {
    left -= jsonBytes(character)
    if (left < 0) break
    kept.push(character)
  }
  return `${kept.join('')}…`
}

/** @returns without the quotes around it. */
export const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2
