import {createServer, request, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import {mkdtemp, rm} from 'node:fs/promises'
import type {Socket} from 'node:net'
import {tmpdir} from 'node:os'
import path from 'node:path'

/** "GET /containers/json": without the version of the API and without what is asked for. */
type Question = string

/** Stands between a program and the Docker daemon, and can be told to fail. */
export type DockerProxy = {
  /** The program's DOCKER_HOST. */
  readonly host: string
  /** Matching requests wait. */
  hold(matches: (question: Question) => boolean): Hold
  /** Such requests are answered with 500. */
  refuse(matches: (question: Question) => boolean): void
  /** Ends each stream of events in the middle of its next line. @returns How many were cut. */
  cutEvents(): () => number
  /** Everything is as without it again. */
  mend(): void
  /** As a daemon that has gone away: nobody can connect, and who was connected is cut off. */
  away(): Promise<void>
  back(): Promise<void>
  close(): Promise<void>
}

export type Hold = {
  /** Ends when the first has come. */
  readonly reached: Promise<void>
  /** They are passed on, and so are all that come later. */
  release(): void
  /** They never reach the daemon, as if who asked had been killed just before; all that come later do. */
  drop(): void
}

const SOCKET = '/var/run/docker.sock'

type Faults = {
  held: {matches: (question: Question) => boolean; passes: Promise<boolean>; arrived: () => void}[]
  refused: ((question: Question) => boolean)[]
  cut: (() => void) | undefined
}

/** @param real The daemon's socket. */
export async function startDockerProxy(real = SOCKET): Promise<DockerProxy> {
  const folder = await mkdtemp(path.join(tmpdir(), 'homelab-proxy-'))
  const socket = path.join(folder, 'docker.sock')
  const faults: Faults = {held: [], refused: [], cut: undefined}
  const open = new Set<Socket>()
  let server: Server | undefined
  const back = async (): Promise<void> => {
    server = createServer((question, answer) => void pass(question, answer, real, faults))
    server.on('connection', (one: Socket) => {
      open.add(one)
      one.once('close', () => open.delete(one))
    })
    await new Promise<void>((resolve) => server?.listen(socket, resolve))
  }
  const away = async (): Promise<void> => {
    const closed = new Promise((resolve) => server?.close(resolve))
    open.forEach((one) => one.destroy())
    await closed
    await rm(socket, {force: true})
  }
  await back()
  return {
    host: `unix://${socket}`,
    hold: (matches) => hold(matches, faults),
    refuse: (matches) => void faults.refused.push(matches),
    cutEvents: () => {
      let count = 0
      faults.cut = () => void count++
      return () => count
    },
    mend: () => void Object.assign(faults, {held: [], refused: [], cut: undefined}),
    away,
    back,
    close: async () => {
      await away()
      await rm(folder, {recursive: true, force: true})
    },
  }
}

function hold(matches: (question: Question) => boolean, faults: Faults): Hold {
  let decide = (_passes: boolean): void => undefined
  let arrived = (): void => undefined
  const passes = new Promise<boolean>((resolve) => (decide = resolve))
  const reached = new Promise<void>((resolve) => (arrived = resolve))
  const fault = {matches, passes, arrived}
  faults.held.push(fault)
  const end = (pass: boolean): void => {
    faults.held = faults.held.filter((one) => one !== fault)
    decide(pass)
  }
  return {reached, release: () => end(true), drop: () => end(false)}
}

const questionOf = ({method, url}: IncomingMessage): Question => `${method} ${url?.replace(/^\/v[\d.]+/, '').replace(/\?.*/, '')}`

async function pass(question: IncomingMessage, answer: ServerResponse, real: string, faults: Faults): Promise<void> {
  const asked = questionOf(question)
  if (faults.refused.some((matches) => matches(asked))) {
    answer.writeHead(500, {'content-type': 'application/json'}).end('{"message":"the proxy of the test says no"}')
    return
  }
  const held = faults.held.find(({matches}) => matches(asked))
  if (held !== undefined) {
    held.arrived()
    if (!(await held.passes)) return void answer.destroy()
  }
  forward(question, answer, real, asked === 'GET /events' ? faults : undefined)
}

function forward(question: IncomingMessage, answer: ServerResponse, real: string, events: Faults | undefined): void {
  const {method, url, headers} = question
  const onward = request({socketPath: real, method, path: url, headers}, (reply) => {
    answer.writeHead(reply.statusCode ?? 500, reply.headers)
    answer.flushHeaders()
    if (events === undefined) reply.pipe(answer)
    else reply.on('data', (chunk: Buffer) => passEvents(chunk, answer, events)).on('end', () => answer.end())
    reply.once('error', () => answer.destroy())
  })
  onward.once('error', () => answer.destroy())
  answer.once('close', () => onward.destroy())
  question.pipe(onward)
}

function passEvents(chunk: Buffer, answer: ServerResponse, faults: Faults): void {
  if (faults.cut === undefined) return void answer.write(chunk)
  faults.cut()
  answer.write(chunk.subarray(0, Math.floor(chunk.length / 2)), () => answer.destroy())
}
