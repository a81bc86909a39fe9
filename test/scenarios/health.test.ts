import {once} from 'node:events'
import {chmod, mkdir, readFile, rm, writeFile} from 'node:fs/promises'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import path from 'node:path'
import {execa} from 'execa'
import {afterAll, beforeAll, expect, it} from 'vitest'
import type {HealthJson} from '../../src/lib/ui/findings.js'
import {eventually} from '../support/scenario/eventually.js'
import {PROGRAM_ARGV} from '../support/scenario/homes.js'
import {useLab} from '../support/scenario/lab.js'
import {describeUnless, lacksRoot} from '../support/scenario/needs.js'
import {text} from '../support/scenario/outcome.js'
import {NOBODY, sendTo, setVariables, variableOf} from '../support/scenario/settings.js'
import {stateFolder} from '../support/scenario/state-folder.js'
import {startWatcher, type Watcher} from '../support/scenario/watcher.js'

/** What this machine's own address is said to be. */
const OWN_ADDRESS = '198.51.100.9'

/** Each test breaks one thing, sees it told, and mends it: the next one begins with a homelab that is well. */
describeUnless(lacksRoot(), 'homelab health', () => {
  const lab = useLab()
  let watcher: Watcher
  let teller: Server
  const media = (): string => path.join(lab().home, 'media')
  const docker = (...args: string[]) => lab().docker(...args)
  const container = (service: string): string => lab().container('torrent', service)
  const inside = (service: string, command: string) => docker('exec', container(service), 'sh', '-c', command)

  const health = async (...args: string[]): Promise<{code: number | undefined; json: HealthJson; said: string}> => {
    const [plain, json] = await Promise.all([lab().homelab(['health', ...args]), asked(...args)])
    expect(json.code).toBe(plain.exitCode)
    return {...json, said: text(plain.all)}
  }

  const asked = async (...args: string[]): Promise<{code: number | undefined; json: HealthJson}> => {
    const {exitCode, stdout} = await lab().homelab(['health', '--json', ...args])
    return {code: exitCode, json: JSON.parse(text(stdout)) as HealthJson}
  }

  const wrong = (json: HealthJson): string[] =>
    json.subjects.flatMap(({subject, findings}) =>
      findings
        .filter(({is, optional}) => is === 'bad' || (is === 'unknown' && !optional))
        .map(({check, says}) => `${subject}: ${check}: ${says}`),
    )

  /** Exit code, line and --json of what is wrong, and of nothing else. */
  const expectWrong = async (...expected: readonly RegExp[]): Promise<true> => {
    const {code, json} = await asked('--quiet')
    expect([code, json.ok]).toEqual([1, false])
    const found = wrong(json)
    for (const one of expected) expect(found).toContainEqual(expect.stringMatching(one))
    expect(found.filter((line) => !expected.some((one) => one.test(line)))).toEqual([])
    // A person is told the same.
    const plain = await lab().homelab(['health', '--quiet'])
    expect(plain.exitCode).toBe(1)
    const said = text(plain.all)
    // Ages and counts may have gone on in between, and the machine may have become busy, or have ceased to be.
    const still = (line: string): string => line.replace(/ \(slow: [^)]*\)/g, '').replace(/\d+|(second|minute|time)s?/g, '#')
    for (const line of found) expect(still(said)).toContain(still(line.split(': ').slice(2).join(': ')))
    return true
  }

  const expectFine = () =>
    eventually(
      async () => {
        expect(wrong((await asked()).json)).toEqual([])
        return true
      },
      {within: 60, what: 'a homelab that is well'},
    )

  /** It is mended also when it was not told as expected: the next test begins with a homelab that is well. */
  const broken = async (breakIt: () => Promise<unknown>, expected: readonly RegExp[], mend: () => Promise<unknown>): Promise<void> => {
    try {
      await breakIt()
      await eventually(() => expectWrong(...expected), {within: 60})
    } finally {
      await mend()
    }
    await expectFine()
  }

  beforeAll(async () => {
    teller = createServer((_, response) => response.end(`${OWN_ADDRESS}\n`)).listen(0, '127.0.0.1')
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=755', 'homelab-lab', media()])
    for (const folder of ['downloads', 'movies', 'tv']) await mkdir(path.join(media(), folder))
    await sendTo(lab(), NOBODY)
    const up = await lab().homelab(['stack', 'all', 'up'])
    expect(up.exitCode, text(up.all)).toBe(0)
    watcher = await startWatcher(lab(), {which: 'updates', config: {updates: {listen: 'off'}}}, () => undefined)
    const file = path.join(lab().home, 'homelab.yml')
    const settings = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
    const vpn = {ownAddress: [`http://127.0.0.1:${(teller.address() as AddressInfo).port}`]}
    await writeFile(file, JSON.stringify({...settings, vpn}))
    await expectFine()
  })

  afterAll(async () => {
    teller.close()
    await watcher.kill()
    await execa('umount', ['-l', media()], {reject: false})
  })

  it('is green when all is well: every subject, and what was asked of it', async () => {
    const {code, json, said} = await health()
    expect([code, json.ok]).toEqual([0, true])
    const subjects = json.subjects.map(({area, subject}) => `${area}/${subject}`)
    expect(subjects).toEqual(
      expect.arrayContaining(['host/docker', 'host/.env', 'host/media', 'host/network', 'host/watch', 'host/updates']),
    )
    expect(subjects).toEqual(expect.arrayContaining(['vpn/gluetun', 'torrent/sonarr', 'plex/plex', 'services/seerr']))
    expect(json.subjects.filter(({area}) => area === 'torrent')).toHaveLength(10)
    const sonarr = json.subjects.find(({subject}) => subject === 'sonarr')
    expect(sonarr?.findings.map(({check, is}) => `${check} ${is}`)).toEqual(
      expect.arrayContaining(['container good', 'namespace good', 'probe good']),
    )
    expect(said).toContain(`http://127.0.0.1:${lab().ports.SONARR_PORT}/ping answers 200`)
    expect(said).toMatch(/✓ \d+ checks of \d+ subjects: all is well/)
    expect((await health('--quiet')).said).toBe('')
  })

  it('that is asked from another machine says so: what was looked at here is not there', async () => {
    const elsewhere = 'echo elsewhere > /proc/sys/kernel/hostname && exec "$@"'
    const asked = await execa('unshare', ['--uts', 'sh', '-c', elsewhere, 'sh', ...PROGRAM_ARGV, 'health', '--json'], {
      env: lab().env,
      reject: false,
    })
    const json = JSON.parse(text(asked.stdout)) as HealthJson
    expect([asked.exitCode, wrong(json)]).toEqual([
      1,
      [
        expect.stringMatching(
          /^docker: machine: Docker runs on \S+, and this is elsewhere: disks, folders, time and ports were looked at here/,
        ),
      ],
    ])
  })

  it('looks at one stack alone, and at no machine', async () => {
    const {json} = await health('plex')
    expect([...new Set(json.subjects.map(({area}) => area))]).toEqual(['plex'])
  })

  it('a gateway that was restarted: everybody behind it is red, though Docker says healthy', async () => {
    await broken(
      () => docker('restart', container('gluetun')),
      [
        /^(bazarr|cross-seed|flaresolverr|prowlarr|qbittorrent|radarr|recyclarr|sonarr|unpackerr): (container|namespace|probe): /,
        /^gluetun: port: qBittorrent does not answer/,
      ],
      async () => {
        const {json} = await health('torrent')
        const sonarr = json.subjects.find(({subject}) => subject === 'sonarr')
        expect(sonarr?.findings[0]?.says).toBe('cut off: gluetun started again after it')
        expect(await docker('inspect', '-f', '{{.State.Health.Status}}', container('sonarr'))).toBe('healthy')
        expect((await lab().homelab(['cascade'])).exitCode).toBe(0)
      },
    )
  })

  it('qBittorrent outside of the namespace', async () => {
    const file = path.join(lab().home, 'compose', 'torrent.override.yml')
    const before = await readFile(file, 'utf8')
    const up = ['compose', '-f', 'torrent.yml', '-f', 'torrent.override.yml', 'up', '-d', '--no-deps', 'qbittorrent']
    try {
      await writeFile(file, before.replace('  qbittorrent:\n', '  qbittorrent:\n    network_mode: bridge\n'))
      await execa('docker', up, {cwd: path.join(lab().home, 'compose')})
      // The files put it behind no gateway, and it is a torrent client.
      await eventually(
        () =>
          expectWrong(
            /^qbittorrent: qbittorrent: a torrent client that is not behind the VPN/,
            /^(qbittorrent: (probe|container)|gluetun: port): /,
          ),
        {within: 15},
      )
    } finally {
      await writeFile(file, before)
    }
    await broken(
      () => Promise.resolve(),
      [
        /^qbittorrent: namespace: it runs outside of the VPN, in the network bridge/,
        /^qbittorrent: (container|probe): /,
        /^gluetun: port: /,
      ],
      () => lab().homelab(['stack', 'torrent', 'up']),
    )
  })

  const mountMedia = async (): Promise<void> => {
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=755', 'homelab-lab', media()])
    for (const folder of ['downloads', 'movies', 'tv']) await mkdir(path.join(media(), folder))
  }
  const composePlex = (...args: string[]) =>
    execa('docker', ['compose', '-f', 'plex.yml', '-f', 'plex.override.yml', ...args], {cwd: path.join(lab().home, 'compose')})
  const envFile = (): string => path.join(lab().home, 'compose', '.env')
  const servicesOverride = (): string => path.join(lab().home, 'compose', 'services.override.yml')
  const hanging = createServer(() => undefined)

  const FAULTS = {
    'the tunnel down': {
      make: () => inside('gluetun', 'echo stopped > /tmp/gluetun/status'),
      told: [/^gluetun: tunnel: stopped/, /^gluetun: exit IP: /, /^gluetun: leak: /, /^gluetun: container: unhealthy/],
      mend: () => inside('gluetun', 'echo running > /tmp/gluetun/status'),
    },
    'a forwarded port that changed': {
      make: () => inside('gluetun', 'echo 51999 > /tmp/gluetun/port'),
      told: [/^gluetun: port: qBittorrent listens on 51413, and 51999 is forwarded/],
      mend: () => inside('gluetun', 'echo 51413 > /tmp/gluetun/port'),
    },
    'a tunnel that comes out at our own address': {
      make: () => inside('gluetun', `echo ${OWN_ADDRESS} > /tmp/gluetun/ip`),
      told: [/^gluetun: leak: the tunnel's address 198\.51\.100\.9 is this machine's own/],
      mend: () => inside('gluetun', 'echo 203.0.113.7 > /tmp/gluetun/ip'),
    },
    'a control server whose role does not name a route': {
      make: () => inside('gluetun', 'grep -v publicip /gluetun/auth/config.toml > /tmp/gluetun/roles'),
      told: [/^gluetun: exit IP: Gluetun could not be asked: GET \/v1\/publicip\/ip was refused \(401\)/, /^gluetun: leak: /],
      mend: () => inside('gluetun', 'rm -f /tmp/gluetun/roles'),
    },
    'a control server that does not answer': {
      make: () => inside('gluetun', 'echo 30 > /tmp/gluetun/silent'),
      told: [/^gluetun: (tunnel|exit IP|forwarded port|DNS): Gluetun could not be asked: .*nothing within \d+ s/, /^gluetun: leak: /],
      mend: () => inside('gluetun', 'rm /tmp/gluetun/silent'),
    },
    'media that is not mounted': {
      make: () => execa('umount', ['-l', media()]),
      told: [/^media: mounted: .*is on the root file system: its disk is not mounted/],
      mend: mountMedia,
    },
    'media that is mounted read-only': {
      make: () => execa('mount', ['-o', 'remount,ro', media()]),
      told: [/^media: writable: .*is mounted read-only/],
      mend: () => execa('mount', ['-o', 'remount,rw', media()]),
    },
    'media that belongs to somebody else': {
      make: () => setVariables(lab(), {PUID: '4711', PGID: '4711'}),
      told: [/^media: writable: .*is not writable by PUID 4711, PGID 4711: it belongs to 0:0, mode 755/],
      mend: () => setVariables(lab(), {PUID: '0', PGID: '0'}),
    },
    'a library on another disk than the downloads': {
      make: () => execa('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'homelab-lab', path.join(media(), 'tv')]),
      told: [/^media: hardlinks: tv: another file system/],
      mend: () => execa('umount', [path.join(media(), 'tv')]),
    },
    'a disk over the limit': {
      make: () => writeFile(path.join(media(), 'film'), Buffer.alloc(62 * 1024 * 1024)),
      told: [/^disk .*: room: .* free, 9\d % used \(media\)/],
      mend: () => rm(path.join(media(), 'film')),
    },
    'a probe that hangs': {
      make: async () => {
        await once(hanging.listen(0, '127.0.0.1'), 'listening')
        const {port} = hanging.address() as AddressInfo
        const label = `    labels:\n      homelab.probe: "http://127.0.0.1:${port}/"\n`
        const before = await readFile(servicesOverride(), 'utf8')
        await writeFile(servicesOverride(), before.replace(/( {2}seerr:\n {4}image: .*\n) {4}labels:\n/, `$1${label}`))
      },
      told: [/^seerr: probe: .*: no answer within [28] s/],
      mend: async () => {
        const broken = await readFile(servicesOverride(), 'utf8')
        await writeFile(servicesOverride(), broken.replace(/ {6}homelab\.probe: "http:\/\/127\.0\.0\.1:\d+\/"\n/, ''))
        hanging.closeAllConnections()
        hanging.close()
      },
    },
    'a service that keeps crashing': {
      make: async () => {
        await lab().push('tautulli', {version: '9.9.9', mode: 'exits'})
        await composePlex('pull', 'tautulli')
        await composePlex('up', '-d', 'tautulli')
      },
      told: [/^tautulli: container: keeps ending \(exit code 3\)/, /^tautulli: restarts: Docker restarted it \d+ times/],
      mend: async () => {
        await lab().push('tautulli', {version: '1.0.0'})
        await composePlex('pull', 'tautulli')
        await composePlex('up', '-d', '--wait', 'tautulli')
      },
    },
    'a service that ran out of memory, until it has a new container': {
      make: async () => {
        const kitana = lab().container('plex', 'kitana')
        await docker('update', '--memory', '16m', '--memory-swap', '16m', kitana)
        await docker('exec', kitana, 'sh', '-c', 'a=x; while :; do a=$a$a; done').catch(() => undefined)
      },
      told: [/^kitana: memory: it ran out of memory/],
      mend: () => composePlex('up', '-d', '--wait', '--force-recreate', 'kitana'),
    },
    '.env that others may read': {
      make: () => chmod(envFile(), 0o644),
      told: [/^\.env: \.env: .*others on this machine can read it \(mode 644\)/],
      mend: () => chmod(envFile(), 0o600),
    },
    'a watcher that is dead': {
      make: () => watcher.kill(),
      told: [/^watch: watch: homelab watch does not answer/],
      mend: async () => {
        watcher = await watcher.restart()
      },
    },
  } satisfies Record<string, {make: () => Promise<unknown>; told: readonly RegExp[]; mend: () => Promise<unknown>}>

  /** At once is what has nothing to do with each other: a look costs a second of a processor, and shows all of them. */
  const AT_ONCE: readonly (readonly (keyof typeof FAULTS)[])[] = [
    ['the tunnel down', 'a disk over the limit', '.env that others may read', 'a probe that hangs'],
    ['a forwarded port that changed', 'media that is not mounted', 'a service that keeps crashing'],
    [
      'a tunnel that comes out at our own address',
      'media that is mounted read-only',
      'a service that ran out of memory, until it has a new container',
    ],
    ['a control server whose role does not name a route', 'media that belongs to somebody else'],
    ['a control server that does not answer', 'a library on another disk than the downloads', 'a watcher that is dead'],
  ]

  it.each(AT_ONCE.map((names) => [names.join('; '), names] as const))('%s: each is told, and nothing else', async (_, names) => {
    const faults = names.map((name) => FAULTS[name])
    const all = async (acts: readonly (() => Promise<unknown>)[]): Promise<void> => void (await Promise.all(acts.map((act) => act())))
    await broken(
      () => all(faults.map(({make}) => make)),
      faults.flatMap(({told}) => told),
      () => all(faults.map(({mend}) => mend)),
    )
  })

  it('each fault is made', () => {
    expect(AT_ONCE.flat().toSorted()).toEqual(Object.keys(FAULTS).toSorted())
  })

  it('a control server with another key: every question is refused, and what mends it is told', async () => {
    const key = await variableOf(lab(), 'GLUETUN_API_KEY')
    await broken(
      () => setVariables(lab(), {GLUETUN_API_KEY: 'notthekey'}),
      [/^gluetun: (tunnel|exit IP|forwarded port|DNS): Gluetun could not be asked: .* was refused \(401\)/, /^gluetun: leak: /],
      async () => {
        const {said, json} = await health()
        await setVariables(lab(), {GLUETUN_API_KEY: key})
        expect(said).toContain('apikey = "<GLUETUN_API_KEY of compose/.env>"')
        expect(said + JSON.stringify(json)).not.toMatch(new RegExp(`${key}|notthekey`))
      },
    )
  })

  it('a disk that does not answer', async () => {
    // As a network disk whose server is away: whoever looks at it hangs.
    const programs = path.join(lab().home, 'programs')
    await mkdir(programs)
    await writeFile(path.join(programs, 'stat'), `#!/bin/sh\ncase "$*" in *${media()}*) sleep 60 ;; esac\nexec /usr/bin/stat "$@"\n`, {
      mode: 0o755,
    })
    const found = await lab().homelab(['health', '--json'], {PATH: `${programs}:${process.env.PATH}`})
    expect(found.exitCode).toBe(1)
    expect(wrong(JSON.parse(text(found.stdout)) as HealthJson)).toEqual([
      expect.stringMatching(/^disk .*: answers: .* does not answer within [28] s: its disk, or the server that it is on, hangs/),
    ])
  })

  it('--notify: a message when it changes, none while it stays, one when it is over; --quiet prints then only', async () => {
    const cron = () => lab().homelab(['health', 'torrent', '--quiet', '--notify'])
    const titles = async (): Promise<string[]> => (await stateFolder(lab()).outbox()).map(({title}) => title)
    const before = (await titles()).length
    expect((await cron()).exitCode).toBe(0)
    await docker('stop', container('unpackerr'))
    const first = await cron()
    expect([first.exitCode, text(first.stdout)]).toEqual([1, expect.stringContaining('unpackerr')])
    const second = await cron()
    expect([second.exitCode, text(second.stdout)]).toEqual([1, ''])
    await lab().homelab(['stack', 'torrent', 'start', 'unpackerr'])
    expect((await cron()).exitCode).toBe(0)
    expect((await titles()).slice(before)).toEqual(['Homelab: 1 new problem', 'Homelab: all is well again'])
  })
})
