import {createHash} from 'node:crypto'
import {readdir, readFile, stat, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {beforeAll, describe, expect, inject, it} from 'vitest'
import {qbittorrentImage} from '../lab/qbittorrent.js'
import {knownRegistry} from '../lab/registry.js'
import {baseLayer} from '../lab/stand-ins.js'
import {ROOT} from '../lab/workshop.js'
import {eventually} from '../support/scenario/eventually.js'
import {useLab} from '../support/scenario/lab.js'
import {itUnless, lacksRoot} from '../support/scenario/needs.js'
import {text} from '../support/scenario/outcome.js'
import {NOBODY, sendTo, setVariables} from '../support/scenario/settings.js'

/** The shipped files where nothing is yet, with the real qBittorrent in linuxserver's layout. */
describe('the first evening', () => {
  const lab = useLab()
  const at = (...parts: string[]): string => path.join(lab().home, ...parts)
  const inside = (command: string) => lab().docker('exec', lab().container('torrent', 'gluetun'), 'sh', '-c', command)
  const api = 'http://127.0.0.1:8080/api/v2'
  const isRoot = process.getuid?.() === 0
  let dry = ''
  let before: string[] = []

  beforeAll(async () => {
    const image = await qbittorrentImage(path.join(ROOT, '.lab', 'qbittorrent'), await baseLayer(inject('busybox')))
    await knownRegistry(inject('registry')).push(`${lab().id}/qbittorrent`, 'latest', image)
    await lab().push('cross-seed', {version: '6.13.7', mode: 'needs-client'})
    await sendTo(lab(), NOBODY)
    await setVariables(lab(), {WUD_PASSWORD: 'sesame', WUD_PASSWORD_HASH: `'${HASH}'`})
    if (isRoot) await setVariables(lab(), {PUID: '4711', PGID: '4712'})
    dry = text((await lab().homelab(['stack', 'all', 'up', '--dry-run'])).all)
    before = [...(await readdir(at('media'))), ...(await readdir(at('configs')))]
    const up = await lab().homelab(['stack', 'all', 'up'])
    expect(up.exitCode, text(up.all)).toBe(0)
  })

  it('is planned: a dry run names what is made and written, with its reason, and makes nothing', () => {
    expect(dry).toMatch(/write the first configuration of +qbittorrent +it has none, and with its image's own it would save to \/downloads/)
    expect(dry).toMatch(/write the first configuration of +cross-seed +it has none/)
    expect(dry).toMatch(new RegExp(`create folder +${at('media/downloads')} `))
    expect(before).toEqual([])
  })

  it('has downloads, films and series below the media folder', async () => {
    expect(await readdir(at('media'))).toEqual(expect.arrayContaining(['downloads', 'movies', 'tv']))
  })

  itUnless(lacksRoot(), 'leaves to root no folder of a service that runs as PUID', async () => {
    const wanted = ['recyclarr', 'cross-seed', 'suggestarr', 'kitana', 'maintainerr', 'beszel', 'seerr'].map((name) => `configs/${name}`)
    const owners = [...wanted, 'media/downloads', 'media/movies', 'media/tv'].map(async (name) => {
      const {uid, gid} = await stat(at(name))
      return [name, uid, gid]
    })
    expect((await Promise.all(owners)).filter(([, uid, gid]) => uid !== 4711 || gid !== 4712)).toEqual([])
  })

  it('a torrent that is added as Sonarr adds it, by category and without a path, lands in the media folder’s downloads', async () => {
    // Sonarr, QBittorrentProxyV2.cs: torrents/createCategory, then torrents/add with the file and the category.
    await inside(`wget -q -O - --post-data 'category=tv-sonarr' ${api}/torrents/createCategory`)
    const body = form({category: 'tv-sonarr'}, aTorrent('ping', 'OK', 'http://127.0.0.1:8989/ping'))
    await inside(`echo ${body.toString('base64')} | base64 -d > /tmp/form`)
    const header = `Content-Type: multipart/form-data; boundary=${BOUNDARY}`
    expect(await inside(`wget -q -O - --header '${header}' --post-file /tmp/form ${api}/torrents/add`)).toBe('Ok.')
    const torrents = async () =>
      JSON.parse(await inside(`wget -q -O - ${api}/torrents/info`)) as {save_path: string; category: string; progress: number}[]
    await eventually(async () => (await torrents())[0]?.progress === 1, {within: 60, what: 'the download'})
    expect(await torrents()).toMatchObject([{category: 'tv-sonarr', save_path: expect.stringMatching(/^\/data\/downloads\/?$/) as string}])
    expect(await readFile(at('media/downloads/ping'), 'utf8')).toBe('OK')
  })

  it('Sonarr reaches Plex, which is on the host’s network, past the tunnel', async () => {
    // By the address that its hosts file has: a statically linked busybox looks up no names.
    const address = '$(awk \'$2 == "host.docker.internal" {print $1}\' /etc/hosts)'
    const command = `wget -q -O - http://${address}:${lab().ports.PLEX_PORT}/identity`
    expect(await lab().docker('exec', lab().container('torrent', 'sonarr'), 'sh', '-c', command)).toBe('OK')
  })

  it('What’s Up Docker finds its login’s hash as it was written', async () => {
    const its = (...argv: string[]) => lab().docker('exec', lab().container('services', 'whatsupdocker'), ...argv)
    expect(await its('cat', '/run/secrets/wud_password_hash')).toBe(HASH)
    expect(await its('env')).toMatch(/^WUD_AUTH_BASIC_HOMELAB_HASH__FILE=\/run\/secrets\/wud_password_hash$/m)
  })

  it('cross-seed with the template that it wrote itself, as an older homelab let it, waits for its configuration, and fails nothing', async () => {
    const file = at('configs/cross-seed/config.js')
    const ours = await readFile(file, 'utf8')
    await writeFile(file, 'module.exports = {\n\ttorrentClients: [],\n\tlinkDirs: [],\n};\n')
    const restart = await lab().homelab(['stack', 'torrent', 'restart', 'cross-seed'])
    expect(restart.exitCode, text(restart.all)).toBe(0)
    expect(text(restart.all)).toContain(`waits for its configuration: ${file}`)
    const status = text((await lab().homelab(['stack', 'torrent', 'status'])).all)
    expect(status).toContain('waits for its configuration')
    expect(status).not.toContain('keeps ending')
    await writeFile(file, ours)
    const again = await lab().homelab(['stack', 'torrent', 'restart', 'cross-seed'])
    expect(text(again.all)).toMatch(/wait for cross-seed: done .*healthy/)
  })

  it('a second `up` writes nothing, also when qBittorrent gets a new container', async () => {
    const file = at('configs/qbittorrent/qBittorrent/qBittorrent.conf')
    await lab().homelab(['stack', 'torrent', 'down'])
    const after = await readFile(file, 'utf8')
    const again = text((await lab().homelab(['stack', 'torrent', 'up', '--dry-run'])).all)
    expect(again).toMatch(/create +qbittorrent/)
    expect(again).not.toMatch(/first configuration|create folder/)
    expect(await readFile(file, 'utf8')).toBe(after)
  })
})

/** From What's Up Docker's own documentation: docs/configuration/authentications/basic. */
const HASH = '$apr1$8zDVtSAY$62WBh9DspNbUKMZXYRsjS/'

const BOUNDARY = 'homelab'

/** A torrent of one small file, which a web server has (BEP 19). */
function aTorrent(name: string, content: string, url: string): Buffer {
  const pieces = createHash('sha1').update(content).digest()
  const info = Buffer.concat([
    Buffer.from(`d6:lengthi${content.length}e4:name${name.length}:${name}12:piece lengthi16384e6:pieces20:`),
    pieces,
    Buffer.from('e'),
  ])
  return Buffer.concat([Buffer.from('d4:info'), info, Buffer.from(`8:url-list${url.length}:${url}e`)])
}

function form(fields: Readonly<Record<string, string>>, torrent: Buffer): Buffer {
  const parts = Object.entries(fields).map(([name, value]) => part(`name="${name}"`, Buffer.from(value)))
  const file = part('name="torrents"; filename="a.torrent"\r\nContent-Type: application/x-bittorrent', torrent)
  return Buffer.concat([...parts, file, Buffer.from(`--${BOUNDARY}--\r\n`)])
}

const part = (head: string, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`), content, Buffer.from('\r\n')])
