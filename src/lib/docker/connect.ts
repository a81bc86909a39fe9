import {spawn, type ChildProcessWithoutNullStreams} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import {Agent} from 'node:http'
import type {Socket} from 'node:net'
import {homedir} from 'node:os'
import path from 'node:path'
import {Duplex} from 'node:stream'
import type Docker from 'dockerode'
import type {Environment} from '../config/environment.js'

/** Which engine the operator means; the docker CLI's own order: --context, DOCKER_HOST, DOCKER_CONTEXT, its config file. */
type Endpoint =
  | {readonly kind: 'socket'; readonly path: string}
  /** Anything else (ssh://, tcp://, TLS): through the docker CLI's own connection, `docker system dial-stdio`. */
  | {readonly kind: 'dial'; readonly name: string}

const DEFAULT_SOCKET = '/var/run/docker.sock'

/** `inspectContext` returns the host of a named context; it costs a run of the docker CLI, so it is asked only if needed. */
export async function findEndpoint(
  environment: Environment,
  context: string | undefined,
  inspectContext: (name: string) => Promise<string>,
): Promise<Endpoint> {
  if (context === undefined && environment.DOCKER_HOST) return fromHost(environment.DOCKER_HOST)
  const name = context ?? environment.DOCKER_CONTEXT ?? (await currentContext(environment))
  if (name === undefined || name === 'default') return fromHost(environment.DOCKER_HOST ?? `unix://${DEFAULT_SOCKET}`)
  return fromHost(await inspectContext(name))
}

function fromHost(host: string): Endpoint {
  return host.startsWith('unix://') ? {kind: 'socket', path: host.slice('unix://'.length)} : {kind: 'dial', name: host}
}

/** The folder of the docker CLI's configuration. */
export const dockerConfigDir = (environment: Environment): string =>
  environment.DOCKER_CONFIG ?? path.join(environment.HOME ?? homedir(), '.docker')

async function currentContext(environment: Environment): Promise<string | undefined> {
  try {
    const text = await readFile(path.join(dockerConfigDir(environment), 'config.json'), 'utf8')
    const config = JSON.parse(text) as {currentContext?: unknown}
    return typeof config.currentContext === 'string' ? config.currentContext : undefined
  } catch {
    return undefined // No file, or none that we can read: the CLI then uses its default, too.
  }
}

/** Connects dockerode to an endpoint. Nothing is sent yet, so nothing fails yet. */
export async function connect(endpoint: Endpoint, dial: DialCommand): Promise<Docker> {
  const {default: Dockerode} = await import('dockerode')
  if (endpoint.kind === 'socket') return new Dockerode({socketPath: endpoint.path})
  // The host and port are never dialled: the agent's connections are the docker CLI's.
  return new Dockerode({protocol: 'http', host: 'docker', port: 80, agent: dialAgent(dial)} as Docker.DockerOptions)
}

/** argv and environment of `docker … system dial-stdio`. */
type DialCommand = {readonly file: string; readonly args: readonly string[]; readonly env: Record<string, string>}

/**
 * The docker CLI's connection helper speaks every kind of endpoint (ssh://, TLS, named contexts) over its stdin and
 * stdout, which spares us `ssh2`, and a second understanding of contexts.
 */
function dialAgent(dial: DialCommand): Agent {
  const agent = new Agent({keepAlive: true})
  Object.assign(agent, {createConnection: () => dialStdio(dial)})
  return agent
}

function dialStdio({file, args, env}: DialCommand): Duplex {
  // Of its own process group, as in compose/run.ts: a Ctrl-C must not cut the connection while we finish what was begun.
  const child = spawn(file, args, {env, stdio: ['pipe', 'pipe', 'pipe'], detached: true})
  const socket = overPipes(child)
  // The agent keeps idle connections, which must not keep our process: neither the child nor its pipes.
  const held = [child, child.stdin, child.stdout, child.stderr] as Partial<Pick<Socket, 'ref' | 'unref'>>[]
  // What http.Agent expects of a net.Socket and a Duplex lacks.
  return Object.assign(socket, {
    setKeepAlive: () => socket,
    setNoDelay: () => socket,
    setTimeout: () => socket,
    ref: () => held.forEach((part) => part.ref?.()),
    unref: () => held.forEach((part) => part.unref?.()),
  })
}

/** Ends only with the child, so that a failure is told in its own words and not as a broken pipe. */
function overPipes(child: ChildProcessWithoutNullStreams): Duplex {
  const said: Buffer[] = []
  const socket = new Duplex({
    read: () => void child.stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => void child.stdin.write(chunk, () => done()),
    final: (done) => void child.stdin.end(() => done()),
    destroy: (error, done) => {
      child.stdin.destroy()
      child.stdout.destroy()
      child.kill()
      done(error)
    },
  })
  child.stdin.on('error', () => undefined)
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  child.stdout.on('data', (chunk: Buffer) => socket.push(chunk) || child.stdout.pause())
  child.on('error', (error) => socket.destroy(error))
  child.on('close', (code) => {
    if (code === 0 || code === null) socket.push(null)
    else socket.destroy(new Error(Buffer.concat(said).toString().trim() || `docker system dial-stdio ended with ${code}`))
  })
  return socket
}
