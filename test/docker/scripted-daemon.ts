import {mkdtemp, rm} from 'node:fs/promises'
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import {tmpdir} from 'node:os'
import path from 'node:path'
import Docker from 'dockerode'
import {DockerEngine} from '../../src/lib/docker/docker-engine.js'

type Answer = (response: ServerResponse, request: IncomingMessage) => void

/** Answers the Engine API on a unix socket as a test says; what it does not say is a 500 that names the request. */
export class ScriptedDaemon {
  /** "GET /containers/json", in order. */
  readonly asked: string[] = []
  private readonly answers = new Map<string, Answer[]>()
  private readonly server: Server = createServer((request, response) => this.answer(request, response))
  private folder = ''

  static async listen(): Promise<ScriptedDaemon> {
    const daemon = new ScriptedDaemon()
    daemon.folder = await mkdtemp(path.join(tmpdir(), 'homelab-daemon-'))
    await new Promise<void>((resolve) => daemon.server.listen(daemon.socket, resolve))
    return daemon
  }

  get socket(): string {
    return path.join(this.folder, 'docker.sock')
  }

  get docker(): Docker {
    return new Docker({socketPath: this.socket})
  }

  get engine(): DockerEngine {
    const compose = {file: 'false', prefix: [], env: {}, conceal: (text: string) => text}
    return new DockerEngine({
      compose,
      docker: async () => this.docker,
      credentials: async () => undefined,
      composeDir: '/nowhere',
      prefix: 'homelab',
      profiles: new Set(),
      variables: new Set(),
    })
  }

  /** Said several times for one request: one answer after the other, the last for ever. */
  on(request: string, answer: Answer): this {
    this.answers.set(request, [...(this.answers.get(request) ?? []), answer])
    return this
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
    await rm(this.folder, {recursive: true})
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://docker')
    const name = `${request.method} ${decodeURIComponent(url.pathname)}`
    this.asked.push(name)
    const left = this.answers.get(name)
    const answer = left === undefined || left.length < 2 ? left?.[0] : left.shift()
    if (answer === undefined) json(500, {message: `nobody said what ${name} answers`})(response, request)
    else answer(response, request)
  }
}

export const json =
  (status: number, body: unknown): Answer =>
  (response) => {
    response.writeHead(status, {'content-type': 'application/json'})
    response.end(status === 304 ? undefined : JSON.stringify(body))
  }

/** Chunks, one after the other; then the end, a cut, or nothing more. */
export const stream =
  (chunks: readonly string[], then: 'end' | 'cut' | 'stay'): Answer =>
  (response) => {
    response.writeHead(200, {'content-type': 'application/json'})
    void sendAll(response, chunks).then(() => {
      if (then === 'end') response.end()
      if (then === 'cut') response.socket?.destroy()
    })
  }

async function sendAll(response: ServerResponse, chunks: readonly string[]): Promise<void> {
  response.flushHeaders()
  for (const chunk of chunks) {
    response.write(chunk)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
