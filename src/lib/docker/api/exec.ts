import {text} from 'node:stream/consumers'
import type Docker from 'dockerode'
import {limited} from '../../util/timeout.js'
import type {Executed} from '../engine.js'
import {abortable} from '../api-call.js'

/**
 * Runs a program in a container, without a shell. With a terminal of its own both of its streams come as one, unframed.
 * @param limit Milliseconds for all of it: a daemon that hangs does not even begin.
 * @returns undefined: it was cut off.
 */
export function execute(
  docker: Docker,
  container: string,
  argv: readonly string[],
  limit: number,
  signal: AbortSignal,
): Promise<Executed | undefined> {
  return limited(signal, limit, async (either) => {
    try {
      const options = {Cmd: [...argv], AttachStdout: true, AttachStderr: true, Tty: true}
      const exec = await abortable(docker, either).getContainer(container).exec(options)
      const stream = await exec.start({Tty: true})
      const stop = (): void => void stream.destroy()
      either.addEventListener('abort', stop, {once: true})
      const output = await text(stream).catch(() => undefined)
      signal.throwIfAborted()
      const {ExitCode} = output === undefined ? {ExitCode: null} : await exec.inspect()
      return output === undefined || ExitCode === null ? undefined : {code: ExitCode, output}
    } catch (error) {
      if (either.aborted && !signal.aborted) return undefined
      throw error
    }
  })
}
