import {readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {execa} from 'execa'
import {beforeAll, describe, expect, it} from 'vitest'
import {ROOT} from '../lab/workshop.js'
import {useHomes} from '../support/scenario/homes.js'

/** What Compose makes of our files with .env.example as it is: the architecture, written down a second time on purpose. */

type Service = {
  image: string
  command?: unknown
  environment?: Record<string, string | null>
  labels?: Record<string, string>
  healthcheck?: {test?: string[]; start_interval?: string; start_period?: string}
  restart?: string
  network_mode?: string
  networks?: Record<string, unknown>
  depends_on?: Record<string, {condition: string}>
  profiles?: string[]
  ports?: {host_ip?: string; published?: string; target: number; protocol: string}[]
  volumes?: {source: string; target: string}[]
  extra_hosts?: string[]
  cap_add?: string[]
  secrets?: {source: string}[]
}
type Model = {
  name: string
  services: Record<string, Service>
  networks: Record<string, {name: string; external?: boolean}>
  configs?: Record<string, {content: string}>
  'x-homelab': unknown
}

const STACKS = ['torrent', 'plex', 'services'] as const
type Stack = (typeof STACKS)[number]

const DEPENDENTS = ['bazarr', 'cross-seed', 'flaresolverr', 'prowlarr', 'qbittorrent', 'radarr', 'recyclarr', 'sonarr', 'unpackerr']

const SERVICES: Record<Stack, string[]> = {
  torrent: [...DEPENDENTS, 'gluetun'].toSorted(),
  plex: ['kitana', 'plex', 'plex-trakt-sync', 'suggestarr', 'tautulli'],
  services: ['autoheal', 'beszel', 'filebrowser', 'maintainerr', 'portainer', 'seerr', 'whatsupdocker'],
}

/** "address:port on the host → port in the container" by service. */
const PORTS: Record<string, string[]> = {
  gluetun: [
    '0.0.0.0:8080→8080',
    '0.0.0.0:8989→8989',
    '0.0.0.0:7878→7878',
    '0.0.0.0:9696→9696',
    '0.0.0.0:6767→6767',
    '127.0.0.1:8191→8191',
    '127.0.0.1:2468→2468',
    '127.0.0.1:8000→8000',
  ],
  suggestarr: ['0.0.0.0:5000→5000'],
  kitana: ['0.0.0.0:31337→31337'],
  tautulli: ['0.0.0.0:8787→8181'],
  seerr: ['0.0.0.0:5055→5055'],
  maintainerr: ['127.0.0.1:6246→6246'],
  filebrowser: ['0.0.0.0:8181→80'],
  whatsupdocker: ['127.0.0.1:3000→3000'],
  portainer: ['0.0.0.0:9443→9443'],
  beszel: ['0.0.0.0:8090→8090'],
}

/** Of this machine alone unless `.env` says otherwise: none of them asks for a login by itself. As drawn they are on the LAN. */
const ON_LOOPBACK: Record<string, {readonly service: string; readonly port: number}> = {
  FLARESOLVERR_BIND: {service: 'gluetun', port: 8191},
  CROSSSEED_BIND: {service: 'gluetun', port: 2468},
  WUD_BIND: {service: 'whatsupdocker', port: 3000},
  MAINTAINERR_BIND: {service: 'maintainerr', port: 6246},
}

const MARKERS = {
  WIREGUARD_PRIVATE_KEY: 'marker-wireguard',
  GLUETUN_API_KEY: 'marker-gluetun',
  NTFY_TOPIC: 'topic-for-tests',
  WUD_WEBHOOK_TOKEN: 'marker-wud',
  NTFY_TOKEN: 'marker-ntfy',
  WUD_PASSWORD: 'marker-wud-password',
}

/** "address:port on the host → port in the container" */
const doorsOf = (service: Service | undefined): string[] | undefined =>
  service?.ports?.map(({host_ip, published, target}) => `${host_ip}:${published}→${target}`).toSorted()

/** From the documentation of What's Up Docker: docs/configuration/authentications/basic. */
const HASH = '$apr1$8zDVtSAY$62WBh9DspNbUKMZXYRsjS/'

describe('the architecture', () => {
  const homes = useHomes()
  const models = new Map<Stack, Model>()
  const texts = new Map<Stack, string>()
  const warnings: string[] = []
  let composeFolder = ''

  beforeAll(async () => {
    const compose = path.join(ROOT, 'compose')
    const names = ['.env.example', ...STACKS.map((stack) => `${stack}.yml`)]
    const files = await Promise.all(
      names.map(async (name) => [`compose/${name}`, await readFile(path.join(compose, name), 'utf8')] as const),
    )
    const {folder, envFile} = await homes.home({files: Object.fromEntries(files)})
    const example = await readFile(path.join(compose, '.env.example'), 'utf8')
    const filled = Object.entries(MARKERS).reduce(
      (env, [name, value]) => env.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=${value}`),
      // A function: in a text $ would stand for what was found.
      example.replace('WUD_PASSWORD_HASH=replace-me', () => `WUD_PASSWORD_HASH='${HASH}'`),
    )
    expect(filled).not.toMatch(/^\w+=replace-me/m)
    await writeFile(envFile, filled, {mode: 0o600})
    composeFolder = path.join(folder, 'compose')
    for (const stack of STACKS) {
      const quiet = await dockerCompose(stack, ['config', '--quiet'])
      warnings.push(quiet.stderr + quiet.stdout)
      const {stdout} = await dockerCompose(stack, ['--profile', '*', 'config', '--format', 'json'])
      texts.set(stack, stdout)
      models.set(stack, JSON.parse(stdout) as Model)
    }
  })

  /** As a new machine has it: nothing of this shell that Compose would prefer to .env. */
  const dockerCompose = (stack: Stack, args: readonly string[], variables: Record<string, string> = {}) =>
    execa('docker', ['compose', '--file', `${stack}.yml`, ...args], {
      cwd: composeFolder,
      env: {PATH: process.env.PATH, HOME: process.env.HOME, ...variables},
      extendEnv: false,
    })
  const modelWith = async (stack: Stack, variables: Record<string, string>): Promise<Model> =>
    JSON.parse((await dockerCompose(stack, ['config', '--format', 'json'], variables)).stdout) as Model

  const model = (stack: Stack): Model => {
    const found = models.get(stack)
    if (found === undefined) throw new Error(`${stack} was not read`)
    return found
  }
  const service = (stack: Stack, name: string): Service => {
    const found = model(stack).services[name]
    if (found === undefined) throw new Error(`${stack} has no ${name}`)
    return found
  }
  const every = (): [string, Service][] => STACKS.flatMap((stack) => Object.entries(model(stack).services))
  const gluetun = (): Record<string, string | null> => service('torrent', 'gluetun').environment ?? {}

  it('is understood by Compose without a warning', () => expect(warnings).toEqual(['', '', '']))

  it.each(STACKS)('%s has its project name and exactly its services', (stack) => {
    expect(model(stack).name).toBe(`homelab-${stack}`)
    expect(Object.keys(model(stack).services).toSorted()).toEqual(SERVICES[stack])
  })

  it('publishes exactly these ports, gluetun those of everything behind it', () => {
    const published = every().flatMap(([name, one]) => (one.ports === undefined ? [] : [[name, doorsOf(one)]]))
    const wanted = Object.entries(PORTS).map(([name, ports]) => [name, ports.toSorted()])
    expect(Object.fromEntries(published)).toEqual(Object.fromEntries(wanted))
  })

  it('publishes what asks for no login to this machine alone; with its variable to the LAN, as it is drawn', async () => {
    const drawn = Object.fromEntries(Object.keys(ON_LOOPBACK).map((name) => [name, '0.0.0.0']))
    const services = {...(await modelWith('torrent', drawn)).services, ...(await modelWith('services', drawn)).services}
    const wide = Object.values(ON_LOOPBACK).map(({service: name, port}) =>
      doorsOf(services[name])?.find((door) => door.endsWith(`→${port}`)),
    )
    expect(wide).toEqual(Object.values(ON_LOOPBACK).map(({port}) => `0.0.0.0:${port}→${port}`))
    expect(
      Object.values(services)
        .flatMap((one) => doorsOf(one) ?? [])
        .filter((door) => door.startsWith('127.')),
    ).toEqual(['127.0.0.1:8000→8000'])
    // BIND_ADDRESS is for what has a login: it opens none of these.
    const other = {
      ...(await modelWith('torrent', {BIND_ADDRESS: '192.168.1.5'})).services,
      ...(await modelWith('services', {BIND_ADDRESS: '192.168.1.5'})).services,
    }
    const still = Object.values(ON_LOOPBACK).map(({service: name, port}) => doorsOf(other[name])?.find((door) => door.endsWith(`→${port}`)))
    expect(still).toEqual(Object.values(ON_LOOPBACK).map(({port}) => `127.0.0.1:${port}→${port}`))
  })

  it('lets what is behind the gateway find Plex: at this machine’s address in the shared network, which the firewall lets through', () => {
    // Not host-gateway: that is an address of Docker's default bridge, which no outbound subnet of the firewall holds.
    expect(service('torrent', 'gluetun').extra_hosts).toEqual(['host.docker.internal=172.19.0.1'])
    expect(gluetun().FIREWALL_OUTBOUND_SUBNETS).toContain('172.19.0.0/16')
  })

  it.each(DEPENDENTS)('%s lives in the gateway’s network and waits for its health', (name) => {
    const dependent = service('torrent', name)
    expect(dependent.network_mode).toBe('service:gluetun')
    expect(dependent.depends_on?.gluetun).toMatchObject({condition: 'service_healthy'})
    expect(dependent.networks).toBeUndefined()
    expect(dependent.labels).not.toHaveProperty('autoheal')
  })

  it('has plex and plex-trakt-sync on the host’s network, the latter only by hand', () => {
    const onHost = every().filter(([, {network_mode: mode}]) => mode === 'host')
    expect(onHost.map(([name]) => name).toSorted()).toEqual(['plex', 'plex-trakt-sync'])
    expect(every().flatMap(([name, {profiles}]) => (profiles ? [[name, profiles]] : []))).toEqual([['plex-trakt-sync', ['manual']]])
    expect(service('plex', 'plex').healthcheck?.test?.join(' ')).toContain('127.0.0.1:32400')
  })

  it('puts everything else on the one shared network, whose subnet homelab knows', () => {
    for (const stack of STACKS) {
      expect(model(stack).networks).toMatchObject({media: {name: 'homelab_media_network', external: true}})
      expect(model(stack)['x-homelab']).toEqual({networks: {media: {subnet: '172.19.0.0/16'}}})
    }
    const bridged = every().filter(([, {network_mode: mode}]) => mode === undefined)
    expect(bridged.map(([, {networks}]) => Object.keys(networks ?? {}))).toEqual(bridged.map(() => ['media']))
    expect(bridged.length).toBe(22 - DEPENDENTS.length - 2)
  })

  it('has the gateway’s release whose settings and routes were read', () => {
    expect(service('torrent', 'gluetun').image).toBe('qmcgaw/gluetun:v3.41.3')
  })

  it('has the firewall rules of the architecture', () => {
    expect(gluetun()).toMatchObject({
      VPN_SERVICE_PROVIDER: 'protonvpn',
      VPN_TYPE: 'wireguard',
      SERVER_CITIES: 'London',
      FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT: 'on',
      FIREWALL_OUTBOUND_SUBNETS: '192.168.1.0/24,172.19.0.0/16',
      DNS_ADDRESS: '1.1.1.1',
      DNS_SERVER: 'off',
      VPN_PORT_FORWARDING: 'on',
      WIREGUARD_MTU: '1280',
    })
    expect(gluetun()).not.toHaveProperty('VPN_PORT_FORWARDING_DOWN_COMMAND')
    expect(gluetun().VPN_PORT_FORWARDING_UP_COMMAND).toContain('{{PORT}}')
    expect(model('torrent').configs?.push_port?.content).toContain('/api/v2/app/setPreferences')
    expect(service('torrent', 'gluetun').cap_add).toEqual(['NET_ADMIN'])
  })

  it('opens the control server to this machine only, and to who has the key', () => {
    const control = service('torrent', 'gluetun').ports?.filter(({target}) => target === 8000)
    expect(control).toMatchObject([{host_ip: '127.0.0.1', published: '8000'}])
    const auth = model('torrent').configs?.gluetun_auth?.content ?? ''
    expect(auth.match(/\[\[roles]]/g)).toHaveLength(1)
    expect(auth).toMatch(/^auth = "apikey"$/m)
    expect(auth).toMatch(new RegExp(`^apikey = "${MARKERS.GLUETUN_API_KEY}"$`, 'm'))
    expect(auth).not.toMatch(/settings|"none"/)
  })

  it('lets What’s Up Docker look every day at six, tell ntfy once and homelab each time', () => {
    const {environment, image} = service('services', 'whatsupdocker')
    expect(image).toMatch(/^getwud\/wud:\d+\.\d+\.\d+$/)
    expect(environment).toMatchObject({
      WUD_WATCHER_LOCAL_CRON: '0 6 * * *',
      WUD_WATCHER_LOCAL_WATCHBYDEFAULT: 'false',
      WUD_TRIGGER_NTFY_HOMELAB_URL: 'https://ntfy.sh',
      WUD_TRIGGER_NTFY_HOMELAB_TOPIC: MARKERS.NTFY_TOPIC,
      WUD_TRIGGER_NTFY_HOMELAB_MODE: 'batch',
      WUD_TRIGGER_HTTP_HOMELAB_URL: 'http://172.19.0.1:8182/',
      WUD_TRIGGER_HTTP_HOMELAB_METHOD: 'POST',
      WUD_TRIGGER_HTTP_HOMELAB_MODE: 'simple',
      WUD_TRIGGER_HTTP_HOMELAB_AUTH_TYPE: 'BEARER',
      WUD_TRIGGER_HTTP_HOMELAB_AUTH_BEARER__FILE: '/run/secrets/wud_webhook_token',
    })
  })

  it('asks for a login at What’s Up Docker, whose hash keeps its $', () => {
    expect(service('services', 'whatsupdocker').environment).toMatchObject({
      WUD_AUTH_BASIC_HOMELAB_USER: 'homelab',
      WUD_AUTH_BASIC_HOMELAB_HASH__FILE: '/run/secrets/wud_password_hash',
    })
    // As Compose prints a dollar sign that is none of a variable.
    expect(model('services').configs?.wud_password_hash?.content).toBe(HASH.replaceAll('$', '$$$$'))
  })

  it('starts What’s Up Docker with an older .env, too, that has no login for it: without one, on loopback', async () => {
    const text = await readFile(path.join(composeFolder, '.env'), 'utf8')
    await writeFile(path.join(composeFolder, '.env.old'), text.replace(/^WUD_PASSWORD.*$/gm, ''), {mode: 0o600})
    const {stdout, stderr} = await dockerCompose('services', ['--env-file', '.env.old', 'config', '--format', 'json'])
    expect(stderr).toBe('')
    const old = (JSON.parse(stdout) as Model).services.whatsupdocker
    expect(Object.keys(old?.environment ?? {}).filter((name) => name.startsWith('WUD_AUTH'))).toEqual([])
    expect(doorsOf(old)).toEqual(['127.0.0.1:3000→3000'])
  })

  it('has a command in .env.example that makes the password and its hash, as Compose then reads them', async () => {
    const example = await readFile(path.join(composeFolder, '.env.example'), 'utf8')
    const command = /^# {3}(p=.*openssl passwd.*)$/m.exec(example)?.[1] ?? ''
    const {stdout: lines} = await execa('sh', ['-c', command])
    const text = await readFile(path.join(composeFolder, '.env'), 'utf8')
    await writeFile(path.join(composeFolder, '.env.made'), `${text.replace(/^WUD_PASSWORD.*$/gm, '')}\n${lines}\n`, {mode: 0o600})
    const {stdout} = await dockerCompose('services', ['--env-file', '.env.made', 'config', '--format', 'json'])
    const [, password = ''] = /^WUD_PASSWORD=(\w{32})$/m.exec(lines) ?? []
    const hash = ((JSON.parse(stdout) as Model).configs?.wud_password_hash?.content ?? '').replaceAll('$$', '$')
    expect([password, hash]).toEqual([expect.stringMatching(/^\w{32}$/), expect.stringMatching(/^\$apr1\$/)])
    const [, , salt = ''] = hash.split('$')
    expect((await execa('openssl', ['passwd', '-apr1', '-salt', salt, '-stdin'], {input: password})).stdout).toBe(hash)
  })

  it('lets every service on the shared network find the host', () => {
    const bridged = every().filter(([name, {network_mode: mode}]) => mode === undefined && name !== 'gluetun')
    expect(bridged.map(([name, {extra_hosts: hosts}]) => [name, hosts])).toEqual(
      bridged.map(([name]) => [name, ['host.docker.internal=host-gateway']]),
    )
  })

  it('asks every service for its health, quickly at the start', () => {
    const missing = every().filter(([, {healthcheck: check}]) => check?.start_interval === undefined || check.start_period === undefined)
    // A job: how it ended is its exit code.
    expect(missing.map(([name]) => name)).toEqual(['plex-trakt-sync'])
    const without = every().filter(([, {healthcheck: check}]) => check?.test === undefined)
    // gluetun's image brings its own.
    expect(without.map(([name]) => name).toSorted()).toEqual(['gluetun', 'plex-trakt-sync'])
  })

  it('starts every service again, except the job', () => {
    expect(every().map(([name, {restart}]) => [name, restart])).toEqual(
      every().map(([name]) => [name, name === 'plex-trakt-sync' ? 'no' : 'unless-stopped']),
    )
  })

  it('gives every service the time zone', () => {
    expect(every().map(([name, {environment}]) => [name, environment?.TZ])).toEqual(every().map(([name]) => [name, 'Europe/London']))
  })

  it('says of every service whether its updates are watched; what is not pinned by its digest', () => {
    const watched = every().map(([name, {labels}]) => [name, labels?.['wud.watch']])
    expect(watched).toEqual(every().map(([name]) => [name, name === 'plex-trakt-sync' ? 'false' : 'true']))
    const byTag = every().filter(([, {labels}]) => labels?.['wud.watch'] === 'true' && labels['wud.watch.digest'] === undefined)
    expect(byTag.map(([name, {labels}]) => [name, labels?.['wud.tag.include']?.startsWith('^')])).toEqual([
      ['gluetun', true],
      ['whatsupdocker', true],
    ])
  })

  it('has the media as one mount at /data, so that hardlinks work', () => {
    const media = every().flatMap(([name, {volumes = []}]) =>
      volumes.filter(({source}) => source.startsWith('/mnt/media')).map(({source, target}) => [name, source, target]),
    )
    const users = ['bazarr', 'cross-seed', 'filebrowser', 'plex', 'qbittorrent', 'radarr', 'sonarr', 'unpackerr']
    expect(media.toSorted()).toEqual(users.map((name) => [name, '/mnt/media', '/data']))
  })

  it('hands Docker’s socket to three services only, read-only in its file', () => {
    const holders = every().filter(([, {volumes = []}]) => volumes.some(({source}) => source.endsWith('docker.sock')))
    expect(holders.map(([name]) => name).toSorted()).toEqual(['autoheal', 'portainer', 'whatsupdocker'])
  })

  it('shows no secret in what `docker inspect` would show of a container', () => {
    const shown = JSON.stringify(
      every().map(([name, {environment, command, healthcheck, labels}]) => ({name, environment, command, healthcheck, labels})),
    )
    expect(shown).toContain(MARKERS.NTFY_TOPIC)
    for (const name of ['WIREGUARD_PRIVATE_KEY', 'GLUETUN_API_KEY', 'WUD_WEBHOOK_TOKEN', 'NTFY_TOKEN'] as const)
      expect(shown).not.toContain(MARKERS[name])
    // Of the whole model only gluetun's list of keys holds one: a file that is copied into its container.
    const all = [...texts.values()].join('\n')
    expect(Object.values(MARKERS).filter((value) => value.startsWith('marker') && all.includes(value))).toEqual([MARKERS.GLUETUN_API_KEY])
    expect(service('torrent', 'gluetun').secrets?.map(({source}) => source)).toEqual(['wireguard_private_key'])
    expect(service('services', 'whatsupdocker').secrets?.map(({source}) => source)).toEqual(['wud_webhook_token', 'ntfy_token'])
  })
})
