import {once} from 'node:events'
import {writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import path from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'
import {catchUpWatcher, wudLogin, type Login} from '../../../src/lib/watch/catch-up.js'
import {memoryLog} from '../../support/unit/memory-log.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

/** Answers as 8.3.1 does with a basic login: app/authentications/providers/basic. @returns What it was asked with. */
async function askedWith(login: Login | undefined, wanted?: string): Promise<{asked: (string | undefined)[]; warnings: string[]}> {
  const asked: (string | undefined)[] = []
  const stop = new AbortController()
  const server = createServer((request, response) => {
    asked.push(request.headers.authorization)
    const isLet = wanted === undefined || request.headers.authorization === `Basic ${Buffer.from(wanted).toString('base64')}`
    response.statusCode = isLet ? 200 : 401
    response.end(isLet ? '[]' : 'Unauthorized')
    setTimeout(() => stop.abort(), 50)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close().closeAllConnections())
  await once(server, 'listening')
  const log = memoryLog()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const watcher = catchUpWatcher({
    url,
    at: '06:30',
    login: () => Promise.resolve(login),
    accept: () => Promise.resolve(),
    log,
    now: Date.now,
  })
  await watcher.run(stop.signal)
  return {asked, warnings: log.lines.filter((line) => line.includes('warn') || line.includes('cannot be asked'))}
}

describe('catching up with What’s Up Docker', () => {
  it('shows its login', async () => {
    const {asked, warnings} = await askedWith({user: 'homelab', password: 'sesame $1'}, 'homelab:sesame $1')
    expect(asked).toEqual([`Basic ${Buffer.from('homelab:sesame $1').toString('base64')}`])
    expect(warnings).toEqual([])
  })

  it('shows none where none is set', async () => {
    expect((await askedWith(undefined)).asked).toEqual([undefined])
  })

  it('that refuses it says which variable to set', async () => {
    const {warnings} = await askedWith(undefined, 'homelab:sesame')
    expect(warnings.join()).toContain('WUD_PASSWORD in compose/.env')
  })
})

describe('the login that .env has for What’s Up Docker', () => {
  it.each([
    ['WUD_PASSWORD=geheim\n', {user: 'homelab', password: 'geheim'}],
    ["WUD_USER=me\nWUD_PASSWORD='a$b'\n", {user: 'me', password: 'a$b'}],
    ['WUD_USER=me\nWUD_PASSWORD=\n', undefined],
    ['WUD_PASSWORD_HASH=x\n', undefined],
  ])('of %j is %j', async (text, login) => {
    const folder = await tempFolder()
    await writeFile(path.join(folder, '.env'), text, {mode: 0o600})
    expect(await wudLogin(folder)).toEqual(login)
  })
})
