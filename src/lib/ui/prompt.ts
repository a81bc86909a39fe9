import {createInterface} from 'node:readline/promises'
import type {ServiceOverview} from '../model/update.js'

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

/** A checklist for a person. What is available is ticked already; what is held back is not. @throws when it is left with Ctrl-C. */
export async function chooseUpdates(services: readonly ServiceOverview[], signal: AbortSignal): Promise<ServiceOverview[]> {
  const {default: checkbox} = await import('@inquirer/checkbox')
  const choices = services.map((one) => ({
    value: one,
    checked: one.is === 'available',
    name: `${one.stack}/${one.service}  ${one.version ?? ''} → ${one.newer ?? ''}${one.reason === undefined ? '' : `  (${one.reason})`}`,
  }))
  return checkbox({message: 'Which updates are to be applied?', choices, pageSize: 15}, {signal})
}
