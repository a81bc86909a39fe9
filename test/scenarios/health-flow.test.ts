import {mkdir, readFile, rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {apiFile, appKey, EFFECTS} from '../lab/app-apis.js'
import type {HealthJson} from '../../src/lib/ui/findings.js'
import {useLab} from '../support/scenario/lab.js'
import {text} from '../support/scenario/outcome.js'
import {NOBODY, sendTo, setVariables} from '../support/scenario/settings.js'

/** Stand-ins that answer in the shapes of the applications' own APIs; each test breaks one hop, and mends it. */
describe('homelab health --flow', () => {
  const lab = useLab()
  const folder = (...names: string[]): string => path.join(lab().home, 'configs', ...names)
  const stackOf = (service: string): string => (service === 'seerr' ? 'services' : 'torrent')
  const inside = (service: string, command: string) => lab().docker('exec', lab().container(stackOf(service), service), 'sh', '-c', command)

  const flow = async () => {
    const [plain, json] = await Promise.all([lab().homelab(['health', '--flow']), lab().homelab(['health', '--flow', '--json'])])
    expect(json.exitCode).toBe(plain.exitCode)
    const {subjects} = JSON.parse(text(json.stdout)) as HealthJson
    const broken = subjects.flatMap(({subject, findings}) =>
      findings.filter(({is}) => is !== 'good').map(({is, says}) => `${is} ${subject}: ${says}`),
    )
    for (const service of ['sonarr', 'radarr', 'prowlarr', 'bazarr', 'seerr'])
      expect(`${text(plain.all)}${text(json.all)}`).not.toContain(appKey(service))
    return {code: plain.exitCode, said: text(plain.stdout), broken, subjects: subjects.map(({subject}) => subject)}
  }

  /** Changes what a stand-in answers, looks, and puts it back. */
  const whenAnswered = async (service: string, question: string, answer: unknown) => {
    const file = `/${apiFile(question)}`
    await inside(service, `cp ${file} /tmp/was && echo '${JSON.stringify(answer)}' > ${file}`)
    const seen = await flow()
    await inside(service, `cp /tmp/was ${file}`)
    return seen
  }

  beforeAll(async () => {
    await Promise.all(
      ['sonarr', 'radarr', 'prowlarr', 'bazarr', 'seerr'].map((service) => lab().push(service, {version: '1.0.0', mode: 'api'})),
    )
    await sendTo(lab(), NOBODY)
    await setVariables(lab(), {SONARR_API_KEY: appKey('sonarr'), RADARR_API_KEY: appKey('radarr')})
    const up = await lab().homelab(['stack', 'all', 'up'])
    expect(up.exitCode, text(up.all)).toBe(0)
    for (const service of ['sonarr', 'radarr', 'prowlarr'])
      await writeFile(folder(service, 'config.xml'), `<Config>\n  <Port>1</Port>\n  <ApiKey>${appKey(service)}</ApiKey>\n</Config>\n`)
    await mkdir(folder('bazarr', 'config'), {recursive: true})
    await writeFile(
      folder('bazarr', 'config', 'config.yaml'),
      `analytics:\n  enabled: false\nauth:\n  type: null\n  apikey: ${appKey('bazarr')}\nbackup:\n  day: 6\n`,
    )
    await writeFile(folder('seerr', 'settings.json'), JSON.stringify({clientId: 'x', main: {apiKey: appKey('seerr')}}))
  })

  it('is whole: every hop of the way, asked of the applications', async () => {
    const {code, broken, subjects, said} = await flow()
    expect([code, broken]).toEqual([0, []])
    expect(subjects).toEqual([
      ...['seerr → sonarr', 'seerr → radarr', 'sonarr', 'radarr', 'sonarr → prowlarr', 'radarr → prowlarr', 'prowlarr'],
      ...['prowlarr → flaresolverr', 'sonarr → qbittorrent', 'radarr → qbittorrent', 'qbittorrent → unpackerr'],
      ...['sonarr → bazarr', 'radarr → bazarr', 'sonarr → plex', 'radarr → plex'],
    ])
    expect(said).toMatch(/✓ {2}sonarr +→ qbittorrent +qBittorrent is configured, and Sonarr has no complaint of it/)
    expect(said).toMatch(/✓ {2}sonarr +→ plex +Plex passes its own test/)
  })

  const failed = (id: number, errorMessage: string) => [
    {id, isValid: false, validationFailures: [{propertyName: 'Host', errorMessage, severity: 'error'}]},
  ]

  it.each([
    ['seerr', 'GET /api/v1/settings/sonarr', [], 'bad seerr → sonarr: none is configured', 'In Seerr: Settings > Services > Sonarr'],
    [
      'seerr',
      'POST /api/v1/settings/radarr/test',
      {message: 'Failed'},
      'bad seerr → radarr: Radarr does not pass its own test',
      'Services > Radarr',
    ],
    ['sonarr', 'GET /api/v3/indexer', [], 'bad sonarr → prowlarr: it has none to search', 'Application Indexer Sync'],
    [
      'prowlarr',
      'POST /api/v1/applications/testall',
      [{id: 1, isValid: true, validationFailures: []}, ...failed(2, 'Radarr is not reachable')],
      'bad radarr → prowlarr: Radarr does not pass its own test: Radarr is not reachable',
      'In Prowlarr: Settings > Apps > Radarr',
    ],
    ['prowlarr', 'GET /api/v1/indexerproxy', [], 'bad prowlarr → flaresolverr: none is configured', 'Indexer Proxies > FlareSolverr'],
    [
      'sonarr',
      'GET /api/v3/downloadclient',
      [{id: 1, name: 'qBittorrent', implementation: 'QBittorrent', enable: false}],
      'bad sonarr → qbittorrent: qBittorrent is switched off',
      'Download Clients > qBittorrent',
    ],
    [
      'prowlarr',
      'POST /api/v1/applications/testall',
      [{id: 1, isValid: true, validationFailures: []}],
      'unknown radarr → prowlarr: Radarr was left out of its own test',
      'In Prowlarr: Settings > Apps > Radarr',
    ],
    [
      'bazarr',
      'GET /api/system/status',
      {data: {sonarr_version: '', radarr_version: '5.26.2'}},
      'bad sonarr → bazarr: Bazarr does not reach Sonarr',
      'In Bazarr: Settings > Sonarr',
    ],
    [
      'sonarr',
      'GET /api/v3/health',
      [{type: 'error', message: 'No root folder', source: 'RootFolderCheck'}],
      'bad sonarr: No root folder',
      'System > Status',
    ],
  ] as const)('%s answers %s otherwise: that hop is broken, and no other', async (service, question, answer, expected, click) => {
    const {code, broken, said} = await whenAnswered(service, question, answer)
    expect([code, broken]).toEqual([1, [expected]])
    expect(said).toContain(click)
  })

  it('a download client that fails is complained of, as Sonarr does', async () => {
    const says = 'Unable to communicate with qBittorrent. Authentication failure'
    const {broken} = await whenAnswered('sonarr', 'GET /api/v3/health', [{type: 'error', message: says, source: 'DownloadClientCheck'}])
    expect(broken).toEqual([`bad sonarr: ${says}`, `bad sonarr → qbittorrent: ${says}`])
  })

  it('what an application says of itself, not understood, is not known of what it would complain of, either', async () => {
    const {broken} = await whenAnswered('radarr', 'GET /api/v3/health', 'nonsense')
    expect(broken).toEqual([
      'unknown radarr: its answer is not understood',
      'unknown radarr → qbittorrent: whether it has a complaint is not known: its answer is not understood',
    ])
  })

  it('a failed test is a 400 of Servarr’s, and is understood', async () => {
    const status = `/${apiFile('POST /api/v3/notification/test')}.status`
    await inside('sonarr', `echo '400 Bad Request' > ${status}`)
    const failure = {propertyName: 'Host', errorMessage: 'Unable to connect to Plex Server', severity: 'error'}
    const {broken} = await whenAnswered('sonarr', 'POST /api/v3/notification/test', [failure])
    await inside('sonarr', `rm ${status}`)
    expect(broken).toEqual(['bad sonarr → plex: Plex does not pass its own test: Unable to connect to Plex Server'])
  })

  it('Unpackerr without a key, or with another than Sonarr has', async () => {
    await setVariables(lab(), {SONARR_API_KEY: 'another', RADARR_API_KEY: ''})
    const {broken} = await flow()
    await setVariables(lab(), {SONARR_API_KEY: appKey('sonarr'), RADARR_API_KEY: appKey('radarr')})
    expect(broken).toEqual([
      'bad qbittorrent → unpackerr: SONARR_API_KEY is not the key that Sonarr has',
      'bad qbittorrent → unpackerr: RADARR_API_KEY is not set: it asks Radarr for nothing',
    ])
  })

  it('an application that does not take its key, one whose file is missing, one that does not run', async () => {
    await inside('bazarr', 'cp /api/key /tmp/key && echo other > /api/key')
    const refused = await flow()
    await inside('bazarr', 'cp /tmp/key /api/key')
    expect(refused.broken[0]).toBe('unknown sonarr → bazarr: it does not take the API key of its own configuration file')
    const before = await readFile(folder('seerr', 'settings.json'), 'utf8')
    await rm(folder('seerr', 'settings.json'))
    const missing = await flow()
    await writeFile(folder('seerr', 'settings.json'), before)
    expect(missing.broken[0]).toMatch(/^unknown seerr → sonarr: .*settings\.json is missing: has seerr ever run\?/)
    await lab().docker('stop', lab().container('torrent', 'flaresolverr'))
    const stopped = await flow()
    await lab().docker('start', lab().container('torrent', 'flaresolverr'))
    expect(stopped.broken).toEqual(['bad prowlarr → flaresolverr: flaresolverr does not run'])
  })

  it('has done nothing in its owner’s name: no message, no script, no log-in, no browser', async () => {
    await flow()
    for (const service of ['sonarr', 'radarr', 'prowlarr'])
      expect(await inside(service, `cat ${EFFECTS} 2> /dev/null || true`), service).toBe('')
  })
})
