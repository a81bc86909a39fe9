import {createInterface} from 'node:readline/promises'

/** Asks a person; everything but "y" is no. @throws when it is left with Ctrl-C. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const asking = createInterface({input: process.stdin, output: process.stderr})
  // Readline takes the Ctrl-C of a terminal for itself.
  asking.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `, {signal})).trim())
  } finally {
    asking.close()
  }
}
