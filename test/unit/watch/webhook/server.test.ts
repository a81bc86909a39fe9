import {connect} from 'node:net'
import {describe, expect, it, onTestFinished} from 'vitest'
import {rateLimiter} from '../../../../src/lib/watch/webhook/auth.js'
import {AUTHORIZATION, TOKEN, aReceiver} from '../../../support/unit/receiver.js'

const GOOD = JSON.stringify({container: 'homelab-torrent-sonarr-1'})
const SECRET = Buffer.from(TOKEN).toString('hex')
const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`

describe('the receiver', () => {
  it.each(['/', '/wud', '/?from=wud'])('takes announcements at %s', async (path) => {
    const {ask, taken} = await aReceiver()
    const {status, text} = await ask({path, body: GOOD})
    expect([status, JSON.parse(text)]).toEqual([
      202,
      {accepted: [{name: 'homelab-torrent-sonarr-1', service: 'torrent/sonarr', status: 'queued', job: 'j1'}]},
    ])
    expect(taken).toHaveLength(1)
  })

  it.each([
    ['Bearer', AUTHORIZATION],
    ['bearer, as some write it', `bearer ${SECRET}`],
    ['Basic with any name', basic(`wud:${SECRET}`)],
    ['Basic without a name', basic(`:${SECRET}`)],
  ])('knows the secret in %s', async (_, authorization) => {
    const {ask} = await aReceiver()
    expect((await ask({body: GOOD, headers: {authorization}})).status).toBe(202)
  })

  it.each([
    ['none', {}],
    ['another', {authorization: 'Bearer another'}],
    ['an empty one', {authorization: 'Bearer '}],
    ['it as a name', {authorization: basic(`${SECRET}:x`)}],
    ['another scheme', {authorization: `Digest ${SECRET}`}],
    ['the bare secret', {authorization: SECRET}],
  ])('answers 401 to %s, and takes nothing', async (_, headers) => {
    const {ask, taken, log} = await aReceiver()
    const answer = await ask({body: GOOD, headers: headers})
    expect(answer).toMatchObject({status: 401, headers: {'www-authenticate': expect.stringContaining('Bearer') as string}})
    expect(JSON.parse(answer.text)).toEqual({error: 'the secret is missing or wrong'})
    expect(taken).toEqual([])
    expect(log.lines.join()).toMatch(/^warn refused: 401 POST \/, from 127\.0\.0\.1$/)
  })

  it('answers 429 to who guesses on, and goes on with who knows', async () => {
    const {ask} = await aReceiver({guesses: rateLimiter(3, Date.now)})
    const wrong = () => ask({body: GOOD, headers: {authorization: 'Bearer wrong'}})
    const first = [await wrong(), await wrong(), await wrong(), await wrong()]
    expect(first.map(({status}) => status)).toEqual([401, 401, 401, 429])
    expect(Number(first[3]?.headers['retry-after'])).toBeGreaterThan(0)
    expect((await ask({body: GOOD})).status).toBe(202)
  })

  it('answers 429 to too many requests, with when to come back', async () => {
    const {ask, taken} = await aReceiver({rate: rateLimiter(2, Date.now)})
    const answers = [await ask({body: GOOD}), await ask({body: GOOD}), await ask({body: GOOD})]
    expect(answers.map(({status}) => status)).toEqual([202, 202, 429])
    expect(answers[2]?.headers['retry-after']).toBe('30')
    expect(taken).toHaveLength(2)
  })

  it.each([
    ['GET', '/', 'POST'],
    ['PUT', '/wud', 'POST'],
    ['DELETE', '/jobs', 'GET'],
    ['POST', '/health', 'GET'],
  ])('answers 405 to %s %s, and says which', async (method, path, allow) => {
    const {ask} = await aReceiver()
    expect(await ask({method, path})).toMatchObject({status: 405, headers: {allow}})
  })

  it.each(['/nothing', '/jobs/', '/jobs/a/b', '/wud/', '/..%2f', '//x'])('answers 404 at %s', async (path) => {
    const {ask} = await aReceiver()
    expect((await ask({method: 'GET', path})).status).toBe(404)
  })

  it('answers 404 for a container that there is not', async () => {
    const {ask} = await aReceiver()
    const {status, text} = await ask({body: '{"container": "nobody"}'})
    expect([status, JSON.parse(text)]).toEqual([404, {error: 'there is no container "nobody"'}])
  })

  it.each([true, undefined] as const)(
    'answers 413 to what is too large, whether it says so first or not (chunked: %s)',
    async (chunked) => {
      const {ask, taken} = await aReceiver()
      const {status, text} = await ask({body: GOOD + ' '.repeat(100_000), ...(chunked && {chunked})})
      expect([status, JSON.parse(text)]).toEqual([413, {error: 'the body is larger than 2000 bytes'}])
      expect(taken).toEqual([])
    },
  )

  it('takes a body of just the limit', async () => {
    const {ask} = await aReceiver()
    expect((await ask({body: GOOD.padEnd(2_000)})).status).toBe(202)
    expect((await ask({body: GOOD.padEnd(2_001)})).status).toBe(413)
  })

  it.each(['', 'no JSON', '{', '[]', 'null', '42', '{}', '{"container": 5}', '{"container": ""}', '[{"container": "a"}, 1]'])(
    'answers 400 to %j, and takes nothing',
    async (body) => {
      const {ask, taken} = await aReceiver()
      const {status, text} = await ask({body})
      expect(status).toBe(400)
      expect(JSON.parse(text)).toEqual({error: expect.any(String) as string})
      expect(taken).toEqual([])
    },
  )

  it('answers 503, and says nothing of why, if it cannot be kept', async () => {
    const {ask, log} = await aReceiver({accept: () => Promise.reject(new Error('ENOSPC: /var/lib/homelab'))})
    const {status, text, headers} = await ask({body: GOOD})
    expect([status, JSON.parse(text)]).toEqual([503, {error: 'it could not be kept; try again'}])
    expect(headers['retry-after']).toBe('5')
    expect(log.lines).toEqual(['error an announcement could not be kept: ENOSPC: /var/lib/homelab'])
  })

  it('tells of jobs to who knows the secret', async () => {
    const {ask} = await aReceiver()
    const get = (path: string, headers?: Record<string, string>) => ask({method: 'GET', path, ...(headers && {headers})})
    expect(JSON.parse((await get('/jobs')).text)).toMatchObject({jobs: [{id: 'j2'}, {id: 'j1'}]})
    expect(JSON.parse((await get('/jobs?state=done&limit=1')).text)).toMatchObject({jobs: [{id: 'j2'}]})
    expect(JSON.parse((await get('/jobs/j1')).text)).toMatchObject({id: 'j1', state: 'queued'})
    expect((await get('/jobs/j3')).status).toBe(404)
    expect((await Promise.all(['/jobs', '/jobs/j1', '/metrics'].map((path) => get(path, {})))).map(({status}) => status)).toEqual([
      401, 401, 401,
    ])
    expect(JSON.parse((await get('/health', {})).text)).toEqual({ok: true, queue: 1})
    expect((await get('/metrics')).text).toBe('# HELP jobs Jobs.\n# TYPE jobs gauge\njobs{state="a \\"b\\"\\\\\\n"} 2\n')
  })

  it('answers 503 at /health when it is not well', async () => {
    const {ask} = await aReceiver({health: async () => ({ok: false})})
    expect((await ask({method: 'GET', path: '/health', headers: {}})).status).toBe(503)
  })

  it('closes on what is not HTTP, and on headers that are too long', async () => {
    const {raw, ask} = await aReceiver()
    expect(await raw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await raw(`POST / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect((await ask({body: GOOD})).status).toBe(202)
  })

  it('is not held up by many who send slowly, and ends them', async () => {
    const {port, ask, connections} = await aReceiver()
    const slow = Array.from({length: 200}, () => connect(port, '127.0.0.1').on('error', () => undefined))
    onTestFinished(() => slow.forEach((socket) => socket.destroy()))
    for (const socket of slow) socket.write('POST / HTTP/1.1\r\nhost: a\r\n')
    expect((await ask({body: GOOD})).status).toBe(202)
    expect(await connections()).toBeGreaterThanOrEqual(200)
    await expect.poll(connections, {timeout: 12_000}).toBe(0)
  }, 20_000)

  it('has no more than 256 connections of one address', async () => {
    const {port} = await aReceiver()
    const closed: number[] = []
    const many = Array.from({length: 300}, (_, index) => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined)
      return socket.once('close', () => closed.push(index))
    })
    onTestFinished(() => many.forEach((socket) => socket.destroy()))
    await expect.poll(() => closed.length, {timeout: 4_000}).toBe(44)
  })
})
