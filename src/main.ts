import {Config} from '@oclif/core/config'
import * as Errors from '@oclif/core/errors'
import {flush} from '@oclif/core/flush'
import {run} from '@oclif/core/run'
import {normalizeArgv, parserError} from './lib/cli/command-line.js'
import {exitCode, OperatorError, outOfFiles} from './lib/util/errors.js'
import {onLostReader} from './lib/ui/lost-reader.js'
import {nearest} from './lib/util/nearest.js'

export {COMMANDS} from './commands/index.js'

const LEAVE_MS = 1_000

/** Runs one command line. Sets `process.exitCode`; ends the process only through Node's own end. */
export async function main(argv: readonly string[], root: string): Promise<void> {
  const words = normalizeArgv(argv)
  // Without this Node prints the line of the bundle that threw, which is all of it.
  process.on('uncaughtException', (error) => {
    const expected = outOfFiles(error)
    process.stderr.write(
      expected ? `${[expected.message, ...expected.next].join('\n  ')}\n` : `This is a bug in homelab:\n${error.stack}\n`,
    )
    process.exit(exitCode.failed)
  })
  onLostReader(() => process.exit(exitCode.failed))
  for (const stream of [process.stdout, process.stderr]) widen(stream)
  try {
    const config = await Config.load({root})
    if (words.length > 0) refuseUnknown(words, config)
    await run(words, config)
    // Nobody reads what is left there, and it would be waited for.
    if (process.stdout.writable) await flush()
  } catch (error) {
    await tell(error, words)
  }
  // A question that nobody answered is still open, and would keep the process.
  setTimeout(() => process.exit(), LEAVE_MS).unref()
}

/** A serial line, `script` and `docker exec -t` say that they are 0 columns wide, and mean that nobody knows. */
function widen(stream: NodeJS.WriteStream): void {
  if (stream.isTTY && stream.columns === 0) stream.columns = 80
}

/** oclif's own message names no neighbour. */
function refuseUnknown(words: readonly string[], config: Config): void {
  const [first] = words
  if (first === undefined || first.startsWith('-')) return
  const topics = [...new Set(config.commandIDs.map((id) => id.split(':')[0] ?? ''))]
  if (topics.includes(first)) return
  const near = nearest(first, topics)
  throw new OperatorError(`homelab has no command "${first}".`, {
    exitCode: exitCode.usage,
    next: [...(near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : []), 'See what there is: homelab help'],
  })
}

async function tell(error: unknown, words: readonly string[]): Promise<void> {
  const {errorJson, errorText} = await import('./lib/ui/error.js')
  if (error instanceof Errors.ExitError) {
    process.exitCode = error.oclif.exit ?? exitCode.failed
    return
  }
  const expected = error instanceof OperatorError ? error : (outOfFiles(error) ?? parserError(error))
  if (expected === undefined) {
    process.exitCode = exitCode.failed
    process.stderr.write(`This is a bug in homelab:\n${error instanceof Error ? error.stack : String(error)}\n`)
    return
  }
  process.exitCode = expected.exitCode
  if (words.includes('--json')) return void process.stdout.write(`${JSON.stringify(errorJson(expected), null, 2)}\n`)
  const {palette} = await import('./lib/ui/palette.js')
  const colour = process.stderr.isTTY && !process.env.NO_COLOR && !words.includes('--no-color')
  process.stderr.write(`${errorText(expected, words.includes('--verbose'), palette({colour})).join('\n')}\n`)
}
