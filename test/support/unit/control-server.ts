import {once} from 'node:events'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {onTestFinished} from 'vitest'

type Answer = {readonly status?: number; readonly body?: unknown; readonly never?: true}

/** Answers as Gluetun's control server does, or as a test wants it: by "GET /v1/vpn/status". */
export async function aControlServer(answers: Readonly<Record<string, Answer>> = {}, apiKey?: string) {
  const asked: string[] = []
  let state = 'running'
  const usual: Readonly<Record<string, () => unknown>> = {
    'GET /v1/version': () => ({version: 'v3.41.1'}),
    'GET /v1/vpn/status': () => ({status: state}),
    'GET /v1/publicip/ip': () => ({public_ip: state === 'running' ? '203.0.113.7' : '', city: 'London', country: 'United Kingdom'}),
    'GET /v1/portforward': () => ({port: 51_413}),
    'GET /v1/dns/status': () => ({status: 'stopped'}),
  }
  const server = createServer((request, response) => {
    const route = `${request.method} ${request.url}`
    asked.push(route)
    let text = ''
    request.on('data', (chunk: Buffer) => (text += String(chunk)))
    request.on('end', () => {
      const own = answers[route]
      if (own?.never) return
      if (apiKey !== undefined && request.headers['x-api-key'] !== apiKey) return void response.writeHead(401).end('Unauthorized')
      if (own !== undefined) return void response.writeHead(own.status ?? 200).end(JSON.stringify(own.body ?? {}))
      if (route === 'PUT /v1/vpn/status') {
        state = (JSON.parse(text) as {status: string}).status
        asked.push(state)
        return void response.end(JSON.stringify({outcome: state}))
      }
      const usually = usual[route]
      response.writeHead(usually === undefined ? 404 : 200).end(usually === undefined ? 'not found' : JSON.stringify(usually()))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close().closeAllConnections())
  return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, state: () => state}
}
