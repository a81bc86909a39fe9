import {createServer, connect, type Socket} from 'node:net'
import {once} from 'node:events'
import type {Registry} from '../../lab/registry.js'

/** A registry behind a wire that can be cut. Docker reaches it here; images are pushed past it. */
export type FaultyRegistry = {
  readonly registry: Registry
  /** Nobody can connect. */
  away(): void
  /** Connections end after so many bytes of an answer, each; so a layer is never whole. Ends when one was cut. */
  cutAfter(bytes: number): Promise<void>
  /** Whatever it is asked, it answers so: "429 Too Many Requests". */
  answer(status: string): void
  /** So many bytes a second come through. */
  slow(bytesPerSecond: number): void
  mend(): void
  close(): Promise<void>
}

type Fault =
  | {readonly is: 'away'}
  | {readonly is: 'answers'; readonly status: string}
  | {readonly is: 'cut'; readonly bytes: number; readonly done: () => void}
  | {readonly is: 'slow'; readonly rate: number}
  | undefined

export async function faultyRegistry(real: Registry): Promise<FaultyRegistry> {
  const [host = '', port = ''] = real.host.split(':')
  let fault: Fault
  const open = new Set<Socket>()
  const server = createServer((client) => {
    open.add(client)
    client.once('close', () => open.delete(client))
    client.on('error', () => undefined)
    if (fault?.is === 'away') return void client.destroy()
    if (fault?.is === 'answers') return refuse(client, fault.status)
    pass(client, connect(Number(port), host), fault)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const own = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const set = (next: Fault): void => {
    fault = next
    // What was open keeps its old manners otherwise.
    open.forEach((one) => one.destroy())
  }
  return {
    registry: {host: own, stop: () => Promise.resolve(), push: (repository, tag, image) => real.push(repository, tag, image)},
    away: () => set({is: 'away'}),
    answer: (status) => set({is: 'answers', status}),
    cutAfter: (bytes) => new Promise((done) => set({is: 'cut', bytes, done})),
    slow: (rate) => set({is: 'slow', rate}),
    mend: () => set(undefined),
    close: async () => {
      open.forEach((one) => one.destroy())
      server.close()
      await once(server, 'close')
    },
  }
}

function refuse(client: Socket, status: string): void {
  const answer = `HTTP/1.1 ${status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`
  client.once('data', () => client.end(answer))
}

function pass(client: Socket, registry: Socket, fault: Fault): void {
  let sent = 0
  registry.on('error', () => client.destroy())
  registry.on('close', () => client.end())
  client.on('close', () => registry.destroy())
  client.pipe(registry)
  registry.on('data', (chunk: Buffer) => {
    sent += chunk.length
    if (fault?.is === 'cut' && sent > fault.bytes) {
      fault.done()
      return void client.destroy()
    }
    client.write(chunk)
    if (fault?.is !== 'slow') return
    registry.pause()
    setTimeout(() => registry.resume(), (chunk.length / fault.rate) * 1000)
  })
}
