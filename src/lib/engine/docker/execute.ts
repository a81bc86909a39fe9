import {text} from 'node:stream/consumers'
import type Docker from 'dockerode'
import type {Executed} from '../engine.js'

/** Runs a program in a container, without a shell. With a terminal of its own both of its streams come as one, unframed. */
export async function execute(
  docker: Docker,
  container: string,
  argv: readonly string[],
  limit: number,
  signal: AbortSignal,
): Promise<Executed | undefined> {
  const exec = await docker.getContainer(container).exec({Cmd: [...argv], AttachStdout: true, AttachStderr: true, Tty: true})
  const stream = await exec.start({Tty: true})
  const stop = (): void => void stream.destroy()
  signal.addEventListener('abort', stop, {once: true})
  const timer = setTimeout(stop, limit)
  try {
    const output = await text(stream)
    const {ExitCode} = await exec.inspect()
    return ExitCode === null ? undefined : {code: ExitCode, output}
  } catch {
    signal.throwIfAborted()
    return undefined // The stream was cut off.
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}
