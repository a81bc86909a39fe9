import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {execa} from 'execa'
import {freePorts} from './free-ports.js'
import {findNtfy} from './ntfy-program.js'

/** A real ntfy on loopback, which can be away for a while. */
export type NtfyServer = {
  /** "http://127.0.0.1:<port>" */
  readonly url: string
  /** Of its only user, where a token is asked for. */
  readonly token: string | undefined
  /** All that the server has of a topic, oldest first. */
  messages(topic: string): Promise<NtfyMessage[]>
  /** Keeps port and messages for `start`. Safe to call twice. */
  stop(): Promise<void>
  start(): Promise<void>
}

export type NtfyMessage = {
  readonly title: string
  readonly message: string
  readonly tags: readonly string[]
  /** 1 to 5. */
  readonly priority: number
  /** Seconds since 1970. */
  readonly time: number
}

/**
 * @param root The checkout in whose .lab folder the program is kept.
 * @param folder For its settings and messages; whoever made it removes it.
 * @param options.auth Nobody may read or write any topic without the token.
 */
export async function startNtfy(root: string, folder: string, options: {readonly auth?: boolean} = {}): Promise<NtfyServer> {
  const program = await findNtfy(path.join(root, '.lab', 'ntfy'))
  const [port] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const settings = await writeSettings(folder, url, options.auth ?? false)
  let child: ChildProcess | undefined
  const stop = async (): Promise<void> => {
    if (child?.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill()
    await ended
  }
  const start = async (): Promise<void> => {
    // It ends with this process, also when that is killed; a Ctrl-C is for who stops it then.
    const argv = ['--pdeathsig', 'KILL', program, '--log-file', path.join(folder, 'ntfy.log'), 'serve', '--config', settings]
    child = spawn('setpriv', argv, {stdio: 'ignore', detached: true})
    await answers(url, child)
  }
  try {
    await start()
    const token = options.auth ? await addUser(program, settings) : undefined
    return {url, token, messages: (topic) => messages(`${url}/${topic}`, token), stop, start}
  } catch (error) {
    await stop()
    throw error
  }
}

/** JSON is YAML. Left out, and so not served: attachments, e-mail, calls, web push. */
async function writeSettings(folder: string, url: string, auth: boolean): Promise<string> {
  await mkdir(folder, {recursive: true})
  const file = path.join(folder, 'server.yml')
  const settings = {
    'base-url': url,
    'listen-http': url.slice('http://'.length),
    'cache-file': path.join(folder, 'cache.db'),
    'web-root': 'disable',
    // All tests are one visitor, who would soon be told to come back later.
    'visitor-request-limit-exempt-hosts': '127.0.0.1',
    'visitor-message-daily-limit': 100_000,
    ...(auth && {'auth-file': path.join(folder, 'auth.db'), 'auth-default-access': 'deny-all'}),
  }
  await writeFile(file, JSON.stringify(settings))
  return file
}

/** The server must run: it makes the file with its users. @returns The user's token. */
async function addUser(program: string, settings: string): Promise<string> {
  const user = (words: readonly string[]) =>
    execa(program, [...words.slice(0, 1), '--config', settings, ...words.slice(1)], {env: {NTFY_PASSWORD: 'of-the-lab'}, all: true})
  await user(['user', 'add', '--role=admin', 'lab'])
  const {all} = await user(['token', 'add', 'lab'])
  const token = /tk_\w+/.exec(all)?.[0]
  if (token === undefined) throw new Error(`ntfy named no token: ${all}`)
  return token
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200 && child.exitCode === null; tries++) {
    if ((await fetch(`${url}/v1/health`).catch(() => undefined))?.ok) return
    await sleep(50)
  }
  throw new Error(`ntfy on ${url} does not answer`)
}

/** ntfy leaves out what has its default: no title, no tags, priority 3 (docs.ntfy.sh/subscribe/api, "JSON message format"). */
async function messages(topic: string, token: string | undefined): Promise<NtfyMessage[]> {
  const answer = await fetch(`${topic}/json?poll=1`, {headers: token === undefined ? {} : {authorization: `Bearer ${token}`}})
  if (!answer.ok) throw new Error(`ntfy does not tell its messages: ${answer.status}`)
  const lines = (await answer.text()).split('\n').filter((line) => line !== '')
  return lines.map((line) => {
    const {title = '', message, tags = [], priority = 3, time} = JSON.parse(line) as Partial<NtfyMessage> & {message: string; time: number}
    return {title, message, tags, priority, time}
  })
}
