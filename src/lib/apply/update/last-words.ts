/** Lines and characters that are kept: a journal is no place for the log of a backup. */
const LINES = 20
const MOST = 1_000

/** What a program printed, in one line for a journal and a message: the last of it, without control characters. */
export function lastWords(): {readonly hear: (chunk: Buffer | string) => void; readonly text: () => string} {
  let kept = Buffer.alloc(0)
  let cut = false
  return {
    hear: (chunk) => {
      const all = Buffer.concat([kept, Buffer.from(chunk)])
      // A character of UTF-8 has at most four bytes.
      cut ||= all.length > MOST * 4
      kept = all.subarray(-MOST * 4)
    },
    text: () => {
      const lines = kept
        .toString()
        .split(/[\r\n]+/)
        .map((line) => line.replace(/\p{Cc}+/gu, ' ').trim())
        .filter((line) => line !== '')
      const whole = lines.slice(-LINES).join(' | ')
      const isCut = cut || lines.length > LINES || whole.length > MOST
      return isCut ? `… ${whole.slice(-MOST)}` : whole
    },
  }
}
