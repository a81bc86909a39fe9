import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {once} from 'node:events'
import {createServer} from 'node:http'
import {connect, type AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished} from 'vitest'
import {parseDocument, type Document} from 'yaml'
import type {ServiceOverview} from '../../src/lib/model/update.js'
import type {Accepted} from '../../src/lib/watch/webhook/payload.js'
import {MANIFEST_TYPE} from '../lab/oci-image.js'
import {startNtfy, type NtfyMessage, type NtfyServer} from '../lab/ntfy-server.js'
import {ROOT} from '../lab/workshop.js'
import {curl} from '../support/scenario/curl.js'
import {docker, inspect} from '../support/scenario/docker.js'
import {eventually} from '../support/scenario/eventually.js'
import {useLab} from '../support/scenario/lab.js'
import {text} from '../support/scenario/outcome.js'
import {sendTo, setVariables, variableOf, type Settings} from '../support/scenario/settings.js'
import {updatesOf} from '../support/scenario/updates.js'
import {useWatchers, type Watcher} from '../support/scenario/watcher.js'
import {recorded, webhookOf} from '../support/scenario/webhook.js'

const SETTINGS: Settings = {
  watch: {resync: 1},
  updates: {batch: 3, gate: {running: 2, healthyFor: 1}, pull: {attempts: 2, backoff: 1}},
  timeouts: {healthy: 8},
}
const STACK_OF: Readonly<Record<string, 'services' | 'plex'>> = {seerr: 'services', tautulli: 'plex', kitana: 'plex'}
const stackOf = (service: string): 'services' | 'plex' => STACK_OF[service] ?? 'services'

/** The three services of the recorded batch, with messages to a real ntfy that asks for a token. */
describe('homelab watch updates, from end to end', () => {
  const lab = useLab()
  const watch = useWatchers(lab)
  let folder: string
  let ntfy: NtfyServer
  let updates: Record<'services' | 'plex', ReturnType<typeof updatesOf>>
  let hook: Awaited<ReturnType<typeof webhookOf>>
  let told: number

  const begin = async (more: Record<string, unknown> = {}): Promise<Watcher> => {
    const watcher = await watch({which: 'updates', config: {...SETTINGS, updates: {...SETTINGS.updates, ...more}}})
    await hook.ready()
    return watcher
  }
  const payload = async (value: unknown): Promise<string> => {
    const file = path.join(folder, 'payload.json')
    await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value))
    return file
  }
  /** As What's Up Docker posts it. */
  const post = async (value: unknown, ...more: string[]) =>
    curl(`${hook.url}/`, '-H', `Authorization: ${hook.authorization}`, '--data-binary', `@${await payload(value)}`, ...more)
  const accepted = async (value: unknown): Promise<Accepted[]> => {
    const answer = await post(value)
    expect(answer.status, answer.body).toBe(202)
    return (JSON.parse(answer.body) as {accepted: Accepted[]}).accepted
  }
  const ended = async (value: unknown, state: string): Promise<void> => {
    const [{job = ''} = {}] = await accepted(value)
    await eventually(async () => !['queued', 'running'].includes((await hook.job(job)).state), {within: 60, what: `the end of ${job}`})
    expect(await hook.job(job)).toMatchObject({state})
  }
  const messages = async (): Promise<NtfyMessage[]> => (await ntfy.messages(`lab-${lab().id}`)).slice(told)
  const message = async (title: RegExp): Promise<NtfyMessage> => {
    await eventually(async () => expect((await messages()).map((one) => one.title)).toEqual([expect.stringMatching(title)]), {
      within: 30,
      what: 'one message',
    })
    return (await messages())[0]!
  }
  /** What the registry says that a tag names. */
  const digestOf = async (service: string): Promise<string> => {
    const reference = await updates[stackOf(service)].reference(service)
    const [, host = '', name = '', tag = ''] = /^([^/]+)\/(.+):([^:/]+)$/.exec(reference) ?? []
    const {headers} = await fetch(`http://${host}/v2/${name}/manifests/${tag}`, {
      method: 'HEAD',
      headers: {accept: MANIFEST_TYPE},
    })
    return headers.get('docker-content-digest') ?? ''
  }
  const byDigest = async (service: string): Promise<unknown> => {
    const digest = await digestOf(service)
    return recorded('simple-digest', lab(), stackOf(service), service, {
      result: {tag: 'latest', digest},
      updateKind: {kind: 'digest', remoteValue: digest},
    })
  }
  const overview = async (): Promise<{paused?: unknown; services: ServiceOverview[]}> => {
    const said = await lab().homelab(['updates', '--json'])
    expect(said.exitCode, text(said.all)).toBe(0)
    return JSON.parse(text(said.stdout)) as {services: ServiceOverview[]}
  }
  const of = async (service: string): Promise<ServiceOverview | undefined> =>
    (await overview()).services.find((one) => one.service === service)

  const changeOverride = async (stack: string, change: (document: Document) => unknown): Promise<void> => {
    const file = path.join(lab().home, 'compose', `${stack}.override.yml`)
    const document = parseDocument(await readFile(file, 'utf8'))
    await change(document)
    await writeFile(file, document.toString())
  }
  const hasten = (document: Document, service: string): void =>
    document.setIn(['services', service, 'healthcheck', 'start_interval'], '500ms')

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'homelab-ntfy-'))
    ntfy = await startNtfy(ROOT, folder, {auth: true})
    await sendTo(lab(), ntfy.url, ntfy.token)
    await Promise.all([
      changeOverride('services', (document) => hasten(document, 'seerr')),
      changeOverride('plex', async (document) => {
        for (const [service, version] of [
          ['tautulli', '2.14.0'],
          ['kitana', '1.0.0'],
        ] as const) {
          await lab().push(service, {version, tag: version})
          document.setIn(
            ['services', service, 'image'],
            String(document.getIn(['services', service, 'image'])).replace(/:[^:/]+$/, `:${version}`),
          )
          hasten(document, service)
        }
      }),
    ])
    for (const words of [
      ['services', 'up', 'seerr'],
      ['plex', 'up', 'tautulli', 'kitana'],
    ]) {
      const up = await lab().homelab(['stack', ...words])
      expect(up.exitCode, text(up.all)).toBe(0)
    }
    updates = {services: updatesOf(lab(), 'services'), plex: updatesOf(lab(), 'plex')}
  })

  afterAll(async () => {
    await ntfy.stop()
    await rm(folder, {recursive: true, force: true})
  })

  beforeEach(async () => {
    hook = await webhookOf(lab())
    told = (await ntfy.messages(`lab-${lab().id}`)).length
  })

  afterEach(() => Promise.all([updates.services.expectClosed(), updates.plex.expectClosed()]))

  it('curl posts a recorded payload: the new image runs, and ✅ is in the real ntfy', async () => {
    await begin()
    await lab().push('seerr', {version: '2.0.0'})
    await ended(await byDigest('seerr'), 'done')
    expect(await updates.services.runs('seerr', 'SEERR_PORT')).toMatchObject({version: '2.0.0', health: 'healthy'})
    const {title, tags, message: body} = await message(/^Successfully updated /)
    expect(title).toBe(`Successfully updated ${lab().container('services', 'seerr')}`)
    expect(tags).toContain('white_check_mark')
    expect(body).toContain('1.0.0 → 2.0.0')
  })

  it('the whole recorded batch: digest, minor and major; what the policy holds back is listed, and applied by hand', async () => {
    await begin({policy: 'minor'})
    await Promise.all([
      lab().push('seerr', {version: '2.1.0'}),
      lab().push('tautulli', {version: '2.15.1', tag: '2.15.1'}),
      lab().push('kitana', {version: '2.0.0', tag: '2.0.0'}),
    ])
    const batch = await readFile(new URL('../unit/watch/webhook/payloads/batch.json', import.meta.url), 'utf8')
    // Recorded of another homelab, whose registry has other images of seerr.
    const answers = await accepted(
      (JSON.parse(batch.replaceAll(/sha256:302d3ae7[0-9a-f]+/g, await digestOf('seerr'))) as {image: {name: string}; labels: object}[]).map(
        (one) => ({
          ...one,
          name: lab().container(stackOf(one.image.name), one.image.name),
          labels: {...one.labels, 'com.docker.compose.project': `${lab().id}-${stackOf(one.image.name)}`},
        }),
      ),
    )
    expect(answers.map(({service, status}) => [service, status])).toEqual([
      ['services/seerr', 'queued'],
      ['plex/tautulli', 'queued'],
      ['plex/kitana', 'queued'],
    ])
    const {title, message: body} = await message(/^Successfully updated 2 containers/)
    expect(title).not.toContain('kitana')
    expect(body).toMatch(/2\.0\.0 → 2\.1\.0[^]*2\.14\.0 → 2\.15\.1/)
    expect(await updates.plex.runs('tautulli', 'TAUTULLI_PORT')).toMatchObject({version: '2.15.1', health: 'healthy'})
    expect(await updates.plex.reference('tautulli')).toMatch(/:2\.15\.1$/)
    expect(await updates.plex.runs('kitana', 'KITANA_PORT')).toMatchObject({version: '1.0.0'})

    expect(await of('kitana')).toMatchObject({is: 'held', newer: '2.0.0', reason: 'policy "minor": 1.0.0 → 2.0.0 is a major version'})
    const table = await lab().homelab(['updates'])
    expect(text(table.stdout)).toMatch(/plex\/kitana +1\.0\.0 → 2\.0\.0 +held back +policy "minor"/)
    const dry = await lab().homelab(['updates', 'apply', 'kitana', '--dry-run'])
    expect([dry.exitCode, text(dry.stdout)]).toEqual([0, expect.stringContaining('1.0.0 → 2.0.0')])
    expect((await updates.plex.runs('kitana', 'KITANA_PORT')).version).toBe('1.0.0')
    const applied = await lab().homelab(['updates', 'apply', 'kitana', '--json'])
    expect(applied.exitCode, text(applied.all)).toBe(0)
    expect(JSON.parse(text(applied.stdout))).toMatchObject({stacks: [{stack: 'plex', updates: [{service: 'kitana', is: 'done'}]}]})
    expect(await updates.plex.runs('kitana', 'KITANA_PORT')).toMatchObject({version: '2.0.0', health: 'healthy'})
    expect(await of('kitana')).toMatchObject({is: 'current'})
  })

  it('asks the registries itself, without What’s Up Docker, and applies all', async () => {
    await lab().push('seerr', {version: '2.2.0'})
    expect(await of('seerr')).toMatchObject({is: 'available', version: '2.1.0'})
    const none = await lab().homelab(['updates', 'apply'])
    expect([none.exitCode, text(none.all)]).toEqual([2, expect.stringContaining('There are: services/seerr')])
    const all = await lab().homelab(['updates', 'apply', '--all'])
    expect(all.exitCode, text(all.all)).toBe(0)
    expect(await updates.services.runs('seerr', 'SEERR_PORT')).toMatchObject({version: '2.2.0', health: 'healthy'})
    expect(await of('seerr')).toMatchObject({is: 'current'})
  })

  it('catches up with what was announced while nobody listened', async () => {
    await lab().push('seerr', {version: '2.2.5'})
    const containers = JSON.stringify([{nonsense: true}, await byDigest('seerr')])
    const asked: string[] = []
    await setVariables(lab(), {WUD_PASSWORD: 'sesame'})
    const wud = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`)
      response.end(containers)
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void wud.close().closeAllConnections())
    await once(wud, 'listening')
    const watcher = await begin({wud: `http://127.0.0.1:${(wud.address() as AddressInfo).port}`})
    await eventually(async () => (await updates.services.runs('seerr', 'SEERR_PORT')).version === '2.2.5', {
      within: 40,
      what: 'the new version',
    })
    // The lab's .env is an older one: it has no hash for What's Up Docker's own page.
    expect(watcher.log()).toContain("What's Up Docker: it has no login")
    expect(asked).toEqual([`GET /api/containers Basic ${Buffer.from('homelab:sesame').toString('base64')}`])
    await message(/^Successfully updated /)
  })

  it('holds back while it is paused, and goes on when it is resumed', async () => {
    const paused = await lab().homelab(['updates', 'pause', '--for', '7d', '--json'])
    onTestFinished(async () => void (await lab().homelab(['updates', 'resume'])))
    expect(JSON.parse(text(paused.stdout))).toMatchObject({paused: true, until: expect.any(String) as string})
    await begin()
    await lab().push('seerr', {version: '2.3.0'})
    const [{job = ''} = {}] = await accepted(await byDigest('seerr'))
    expect(await overview()).toMatchObject({paused: {until: expect.any(String) as string}})
    expect(await of('seerr')).toMatchObject({is: 'held', job, reason: expect.stringContaining('updates are paused since') as string})
    expect((await updates.services.runs('seerr', 'SEERR_PORT')).version).toBe('2.2.5')
    expect((await lab().homelab(['updates', 'resume'])).exitCode).toBe(0)
    await eventually(async () => (await hook.job(job)).state === 'done', {within: 40, what: 'the update'})
    expect((await updates.services.runs('seerr', 'SEERR_PORT')).version).toBe('2.3.0')
  })

  it('waits for the window, and for the age of an image', async () => {
    // One moment for all of it: a minute may end in between.
    const now = Date.now()
    const hour = (more: number): string => new Date(now + more * 3_600_000).toISOString().slice(11, 16)
    await begin({
      window: {from: hour(2), to: hour(3), timezone: 'Etc/UTC'},
      services: {'plex/kitana': {window: {from: hour(-1), to: hour(1), timezone: 'Etc/UTC'}, minAge: 86_400}},
    })
    await Promise.all([lab().push('seerr', {version: '2.4.0'}), lab().push('kitana', {version: '2.0.1', tag: '2.0.0'})])
    await accepted(await byDigest('seerr'))
    await accepted(await byDigest('kitana'))
    await eventually(async () => (await of('seerr'))?.is === 'held', {within: 10, what: 'seerr held back'})
    expect((await of('seerr'))?.reason).toMatch(
      new RegExp(`^the window ${hour(2)}–${hour(3)} opens at \\d{4}-\\d\\d-\\d\\d ${hour(2)} Etc/UTC$`),
    )
    expect((await of('kitana'))?.reason).toMatch(/^the image is too young: it is applied from /)
    const apply = await lab().homelab(['updates', 'apply', 'seerr', 'plex/kitana'])
    expect(apply.exitCode, text(apply.all)).toBe(0)
    expect((await updates.services.runs('seerr', 'SEERR_PORT')).version).toBe('2.4.0')
    expect((await updates.plex.runs('kitana', 'KITANA_PORT')).version).toBe('2.0.1')
  })

  it('says ❌ with the reason and the log of what never gets healthy; the digest posted again does nothing but log', async () => {
    const watcher = await begin()
    const before = await updates.services.runs('seerr')
    await lab().push('seerr', {version: '6.6.6', mode: 'never-healthy'})
    const announced = await byDigest('seerr')
    await ended(announced, 'rolled-back')
    const {title, tags, message: body} = await message(/^Failed to update /)
    expect(title).toBe(`Failed to update ${lab().container('services', 'seerr')}`)
    expect(tags).toContain('x')
    expect(body).toMatch(/rolled back to 2\.4\.0: seerr is not healthy after 8 s[^]*stand-in for seerr, version 6\.6\.6/)
    expect(await updates.services.runs('seerr', 'SEERR_PORT')).toMatchObject({image: before.image, version: '2.4.0', health: 'healthy'})
    const container = await updates.services.runs('seerr')
    const [again] = await accepted(announced)
    expect(again).toMatchObject({status: 'rejected', reason: expect.stringContaining('it was rolled back from this image') as string})
    expect(again?.job).toBeUndefined()
    expect(watcher.log()).toContain('services/seerr: rejected, it was rolled back from this image')
    expect(await updates.services.runs('seerr')).toEqual(container)
    expect(await messages()).toHaveLength(1)
    expect(await of('seerr')).toMatchObject({is: 'rejected'})
  })

  it('a new image that needs a new variable goes back, names it, and is taken when it is set', async () => {
    await begin()
    await lab().push('kitana', {version: '2.1.0', tag: '2.0.0', mode: 'needs-setting'})
    await ended(await byDigest('kitana'), 'rolled-back')
    expect((await message(/^Failed to update /)).message).toContain('this version needs NEW_SETTING, which is not set')
    expect(await updates.plex.runs('kitana', 'KITANA_PORT')).toMatchObject({version: '2.0.1', health: 'healthy'})
    await changeOverride('plex', (document) => document.setIn(['services', 'kitana', 'environment', 'NEW_SETTING'], 'set'))
    const again = await lab().homelab(['stack', 'plex', 'update', 'kitana', '--retry-rejected'])
    expect(again.exitCode, text(again.all)).toBe(0)
    expect(await updates.plex.runs('kitana', 'KITANA_PORT')).toMatchObject({version: '2.1.0', health: 'healthy'})
  })

  it('pulls for a service that its operator stopped, and does not start it', async () => {
    expect((await lab().homelab(['stack', 'plex', 'stop', 'kitana'])).exitCode).toBe(0)
    await begin()
    await lab().push('kitana', {version: '2.2.0', tag: '2.0.0'})
    await ended(await byDigest('kitana'), 'done')
    expect((await inspect(lab().container('plex', 'kitana'))).State.Status).toBe('exited')
    expect((await lab().homelab(['stack', 'plex', 'up', 'kitana'])).exitCode).toBe(0)
    expect((await updates.plex.runs('kitana', 'KITANA_PORT')).version).toBe('2.2.0')
  })

  describe('with curl', () => {
    const good = (): string => JSON.stringify({container: lab().container('services', 'seerr')})

    it('answers 401, 413, 400, 404 and 405, and queues nothing', async () => {
      const watcher = await begin({body: 2_000})
      const none = await curl(`${hook.url}/`, '-d', good())
      expect([none.status, none.body, none.headers]).toEqual([
        401,
        '{"error":"the secret is missing or wrong"}\n',
        expect.stringMatching(/^www-authenticate: Bearer/im),
      ])
      expect((await curl(`${hook.url}/`, '-d', good(), '-H', 'Authorization: Bearer wrong')).status).toBe(401)
      expect((await curl(`${hook.url}/`, '-d', good(), '-u', 'wud:wrong')).status).toBe(401)
      const large = await post({container: 'x'.repeat(5_000)})
      expect([large.status, large.body]).toEqual([413, '{"error":"the body is larger than 2000 bytes"}\n'])
      const chunked = await post({container: 'x'.repeat(50_000)}, '-H', 'Transfer-Encoding: chunked')
      expect([chunked.status, chunked.body]).toEqual([413, '{"error":"the body is larger than 2000 bytes"}\n'])
      const broken = await post('{"container": ')
      expect([broken.status, broken.body]).toEqual([400, '{"error":"the body is no JSON"}\n'])
      const shape = await post({container: 'seerr', tag: 'a b'})
      expect([shape.status, shape.body]).toEqual([400, '{"error":"tag: is no tag"}\n'])
      const unknown = await post({container: 'nobody'})
      expect([unknown.status, unknown.body]).toEqual([404, '{"error":"there is no container \\"nobody\\""}\n'])
      expect((await curl(`${hook.url}/elsewhere`)).status).toBe(404)
      const got = await curl(`${hook.url}/`)
      expect([got.status, got.headers]).toEqual([405, expect.stringMatching(/^allow: POST$/im)])
      expect((await post(good(), '-X', 'PUT')).status).toBe(405)
      expect(await hook.jobs('queued')).toEqual([])
      expect(watcher.log()).toMatch(/refused: 401 POST \/, from 127\.0\.0\.1/)
      expect(watcher.log()).not.toContain('wrong"')
      const basic = await curl(`${hook.url}/wud`, '-d', good(), '-u', `wud:${hook.authorization.slice('Bearer '.length)}`)
      expect(basic.status, basic.body).toBe(202)
      await eventually(async () => (await hook.jobs('queued')).length + (await hook.jobs('running')).length === 0, {
        within: 40,
        what: 'an end',
      })
    })

    it('answers 429 to too many, and says when to come back', async () => {
      await begin({rate: 20})
      const answers = await Promise.all(Array.from({length: 30}, () => post('[]')))
      expect(new Set(answers.map(({status}) => status))).toEqual(new Set([400, 429]))
      expect(answers.find(({status}) => status === 429)?.headers).toMatch(/^retry-after: \d+$/im)
    })

    it('does not let 200 slow clients hold up a good one, and ends them', async () => {
      await begin()
      const closed: number[] = []
      const slow = Array.from({length: 200}, (_, index) =>
        connect(hook.port, '127.0.0.1', function (this: ReturnType<typeof connect>) {
          this.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-le')
        })
          .on('error', () => undefined)
          .on('close', () => closed.push(index))
          .resume(),
      )
      onTestFinished(() => slow.forEach((socket) => socket.destroy()))
      const one = await post(good(), '--max-time', '3')
      expect(one.status, one.body).toBe(202)
      await expect.poll(() => closed.length, {timeout: 15_000}).toBe(200)
      await eventually(async () => (await hook.jobs('queued')).length + (await hook.jobs('running')).length === 0, {
        within: 40,
        what: 'an end',
      })
    })

    it('answers at the shared network’s own address too, and nowhere else', async () => {
      const watcher = await begin()
      // Docker takes the first address of a network for itself.
      const gateway = (await variableOf(lab(), 'MEDIA_SUBNET')).replace(/\d+\/\d+$/, '1')
      await eventually(() => watcher.log().includes(`announcements are taken at http://${gateway}:${hook.port}/`), {
        within: 20,
        what: 'it listens',
      })
      expect((await curl(`http://${gateway}:${hook.port}/health`)).status).toBe(200)
      const others = (await docker('network', 'inspect', '--format', '{{(index .IPAM.Config 0).Gateway}}', 'bridge')).trim()
      expect((await curl(`http://${others}:${hook.port}/health`)).status).toBe(0)
    })
  })
})
