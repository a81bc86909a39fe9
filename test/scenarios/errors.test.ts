import {chmod, chown, cp, mkdir, readFile, readdir, stat, writeFile} from 'node:fs/promises'
import {readdirSync, readFileSync} from 'node:fs'
import {createServer, type Server} from 'node:net'
import path from 'node:path'
import {execa} from 'execa'
import {afterEach, describe, expect, inject, it} from 'vitest'
import {ROOT} from '../lab/workshop.js'
import {ask, docker, imageId, inspect} from '../support/scenario/docker.js'
import {miniService, miniStack, PROGRAM_ARGV, useHomes, type Home} from '../support/scenario/homes.js'
import {useLab} from '../support/scenario/lab.js'
import {itUnless, lacksOwnView} from '../support/scenario/needs.js'
import {expectRefused, report, text} from '../support/scenario/outcome.js'
import {halfRecreated, worldOf} from '../support/scenario/world.js'

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

/** Root can give a command a view of the file system of its own, which ends with the command. */
const noOwnView = await lacksOwnView()

describe('what goes wrong', () => {
  const lab = useLab()
  const homes = useHomes()
  const compose = (): string => path.join(lab().home, 'compose')
  const image = (service: string, tag = 'latest'): string => `${inject('registry')}/${lab().id}/${service}:${tag}`
  const mini = (service: string, port: number, more: readonly string[] = []): string =>
    miniService({image: image(service), lab: lab().id, port, more})
  const inLab = (args: readonly string[]) => lab().homelab(args)

  /** A home whose only stacks are these, beside the lab's own. */
  const homeWith = async (stacks: Record<string, Record<string, string>>, files: Record<string, string> = {}): Promise<Home> => {
    const texts = Object.entries(stacks).map(([name, services]) => [`compose/${name}.yml`, miniStack(`${lab().id}-${name}`, services)])
    return homes.home({files: {'compose/.env': 'TZ=Etc/UTC\n', ...(Object.fromEntries(texts) as Record<string, string>), ...files}})
  }

  /** The lab's Compose folder with another `.env`. */
  const homeWithEnv = async (change: (env: string) => string | undefined): Promise<Home> =>
    homes.home({from: compose(), files: {'compose/.env': change(await readFile(path.join(compose(), '.env'), 'utf8'))}})

  const without = (name: string) => (env: string) => env.replace(new RegExp(`^${name}=.*\n`, 'm'), '')

  /** Expects that a refused command touched nothing. */
  const untouched = async (act: () => Promise<unknown>): Promise<void> => {
    const before = await worldOf(lab().id)
    await act()
    expect(await worldOf(lab().id)).toEqual(before)
  }

  describe('with Docker itself', () => {
    it.each([['status'], ['up']])('no daemon answers: %s', async (verb) => {
      const socket = path.join(await homes.folder(), 'none.sock')
      await untouched(() =>
        expectRefused((args) => lab().homelab(args, {DOCKER_HOST: `unix://${socket}`}), ['stack', 'plex', verb], {
          exit: 1,
          says: /^✗? ?No Docker daemon answers/m,
          next: 'sudo systemctl start docker',
          docker: /connect ENOENT/,
        }),
      )
    })

    it(`no permission on the socket (${isRoot ? 'as user nobody, on the real socket' : 'as plain user, on a socket of mode 000'})`, async () => {
      const refusal = {exit: 1, says: 'permission denied on its socket', next: 'sudo usermod -aG docker', docker: /EACCES/}
      if (!isRoot) {
        const socket = await deafSocket()
        return expectRefused((args) => lab().homelab(args, {DOCKER_HOST: `unix://${socket}`}), ['stack', 'plex', 'status'], refusal)
      }
      const [home, program] = await Promise.all([homeOfNobody(), programOfNobody()])
      await untouched(() =>
        expectRefused(
          (args) =>
            execa(process.execPath, [program, ...args], {
              env: {PATH: process.env.PATH, HOME: home, HOMELAB_HOME: home, HOMELAB_STATE: path.join(home, 'state')},
              extendEnv: false,
              cwd: home,
              uid: NOBODY,
              gid: NOBODY,
              reject: false,
              all: true,
            }),
          ['stack', 'plex', 'up'],
          refusal,
        ),
      )
    })

    it('Compose is too old', async () => {
      const config = await fakeCompose(`exec "${await realCompose()}" "$@"`)
      await untouched(() =>
        expectRefused((args) => lab().homelab(args, {DOCKER_CONFIG: config}), ['stack', 'plex', 'up'], {
          exit: 1,
          says: /Docker Compose 2\.10\.2 is too old: the stacks need 2\.24\.4/,
          next: 'docker-compose',
        }),
      )
    })

    it.each([['up'], ['status']])('Compose is so old that it does not understand the files: %s', async (verb) => {
      const config = await fakeCompose('echo "services.plex.healthcheck Additional property start_interval is not allowed" >&2; exit 15')
      await untouched(() =>
        expectRefused((args) => lab().homelab(args, {DOCKER_CONFIG: config}), ['stack', 'plex', verb], {
          exit: 1,
          says: /Docker Compose 2\.10\.2 is too old: the stacks need 2\.24\.4/,
          next: 'docker-compose',
        }),
      )
    })

    itUnless(noOwnView, 'the Compose plugin is missing', async () => {
      const [empty, folders] = [await homes.folder(), await pluginFolders()]
      const hide = `for folder in ${folders.join(' ')}; do mount --bind ${empty} $folder || exit 99; done; exec "$@"`
      await untouched(() =>
        expectRefused(
          (args) =>
            execa('unshare', ['--mount', 'sh', '-c', hide, 'sh', ...PROGRAM_ARGV, ...args], {
              env: {...lab().env, DOCKER_CONFIG: empty},
              reject: false,
              all: true,
            }),
          ['stack', 'plex', 'up'],
          {
            exit: 1,
            says: 'Docker is here, but its Compose plugin is not.',
            next: 'apt-get install docker-compose',
            docker: /unknown|is not a docker command/,
          },
        ),
      )
    })

    async function deafSocket(): Promise<string> {
      const socket = path.join(await homes.folder(), 'deaf.sock')
      await listen(createServer(), socket)
      await chmod(socket, 0)
      return socket
    }

    /** Also where this user's umask keeps them out. */
    const openToOthers = (folder: string) => execa('chmod', ['-R', 'a+rX', folder])

    /** The checkout may be in a folder that others cannot enter. */
    async function programOfNobody(): Promise<string> {
      const folder = await homes.folder()
      for (const part of ['bin', 'dist', 'package.json', 'oclif.manifest.json'])
        await cp(path.join(ROOT, part), path.join(folder, part), {recursive: true})
      await openToOthers(folder)
      return path.join(folder, 'bin/run.cjs')
    }

    async function homeOfNobody(): Promise<string> {
      const {folder, envFile} = await homes.home({from: compose()})
      await openToOthers(folder)
      await chmod(envFile, 0o600)
      await chown(envFile, NOBODY, NOBODY)
      return folder
    }

    /** A Compose plugin that says it is 2.10.2, in a configuration folder of its own; `otherwise` does the rest. */
    async function fakeCompose(otherwise: string): Promise<string> {
      const config = await homes.folder()
      const plugin = path.join(config, 'cli-plugins', 'docker-compose')
      await mkdir(path.dirname(plugin))
      const metadata = '{"SchemaVersion":"0.1.0","Vendor":"Docker Inc.","Version":"v2.10.2","ShortDescription":"Docker Compose"}'
      const lines = [
        `[ "$1" = docker-cli-plugin-metadata ] && { echo '${metadata}'; exit; }`,
        'case "$*" in *"version --short"*) echo 2.10.2; exit ;; esac',
        otherwise,
      ]
      await writeFile(plugin, `#!/bin/sh\n${lines.join('\n')}\n`, {mode: 0o755})
      return config
    }
  })

  describe('while bringing up', () => {
    it('a port is taken: says which, brings up the rest, and the next up completes it', async () => {
      const port = lab().ports.SEERR_PORT ?? 0
      const squatter = await listen(createServer(), port)
      const up = await lab().homelab(['stack', 'services', 'up', '--verbose'])
      expect(up.exitCode, text(up.all)).toBe(1)
      expect(text(up.stdout)).toContain(`Port ${port} of this machine is taken by something else.`)
      expect(text(up.stdout)).toContain(`sudo ss -ltnp 'sport = :${port}'`)
      expect(text(up.stdout)).toContain('address already in use')
      const others = ['maintainerr', 'filebrowser', 'autoheal', 'whatsupdocker', 'portainer', 'beszel']
      const before = await Promise.all(others.map((name) => inspect(lab().container('services', name))))
      expect(before.map(({State}) => State.Health?.Status)).toEqual(others.map(() => 'healthy'))
      expect((await inspect(lab().container('services', 'seerr'))).State.Status).not.toBe('running')

      const status = await lab().homelab(['stack', 'services', 'status', '--json'])
      expect(status.exitCode).toBe(1)
      const bad = report(status).stacks[0]?.services?.filter(({verdict}) => verdict === 'bad')
      expect(bad?.map(({service}) => service)).toEqual(['seerr'])

      await close(squatter)
      const free = await lab().homelab(['stack', 'services', 'up'])
      expect(free.exitCode, text(free.all)).toBe(0)
      expect(await ask(port)).toBe('seerr 1.0.0\n')
      const after = await Promise.all(others.map((name) => inspect(lab().container('services', name))))
      expect(after.map(({Id}) => Id)).toEqual(before.map(({Id}) => Id))
    })

    it.each([
      [
        'the registry does not have it',
        () => image('nothing-of-that-name'),
        /The registry has no image|does not exist/,
        'Compose file',
        /manifest unknown|not found/,
      ],
      [
        'the registry does not answer',
        () => '127.0.0.1:1/some/image:1',
        /The registry does not answer \(127\.0\.0\.1:1\)/,
        'Check the connection',
        /connection refused/,
      ],
    ])('an image cannot be had: %s', async (_, reference, says, next, words) => {
      const home = await homeWith(
        {broken: {good: mini('sonarr', 8989), bad: miniService({image: 'replaced', lab: lab().id, port: 1})}},
        {'compose/broken.override.yml': `services:\n  bad:\n    image: ${reference()}\n`},
      )
      const up = await home.homelab(['stack', 'broken', 'up'])
      expect(up.exitCode, text(up.all)).toBe(1)
      expect(text(up.stdout)).toMatch(says)
      expect(text(up.stdout)).toMatch(/✗ pull bad/)
      expect(text(up.stdout)).toContain(next)
      expect(text(up.all)).not.toMatch(words)
      expect((await inspect(`${lab().id}-broken-good-1`)).State.Health?.Status).toBe('healthy')
      const more = (flag: string) => home.homelab(['stack', 'broken', 'up', flag])
      const [json, verbose] = await Promise.all([more('--json'), more('--verbose')])
      expect([json.exitCode, verbose.exitCode]).toEqual([1, 1])
      expect(text(verbose.all)).toMatch(words)
      const pull = report(json).stacks[0]?.steps?.find(({action}) => action === 'pull')
      expect(pull).toMatchObject({target: 'bad', result: 'failed', message: expect.stringMatching(says) as string})
    })

    it('an external network is missing, and nothing says how to make it', async () => {
      const network = `${lab().id}_elsewhere`
      const home = await homeWith({lonely: {one: mini('sonarr', 8989, [`networks: [elsewhere]`])}})
      const file = path.join(home.folder, 'compose/lonely.yml')
      await writeFile(file, `${await readFile(file, 'utf8')}networks:\n  elsewhere:\n    name: ${network}\n    external: true\n`)
      await untouched(() =>
        expectRefused(home.homelab, ['stack', 'lonely', 'up'], {
          exit: 1,
          says: `joins the external network "${network}", which does not exist. Nothing was done.`,
          next: `docker network create ${network}`,
        }),
      )
    })

    it('one stack of all is broken: the others come up, and the report names it', async () => {
      const home = await homeWith(
        {first: {one: mini('sonarr', 8989)}, third: {one: mini('radarr', 7878)}},
        {'compose/second.yml': 'services:\n  one: [\n'},
      )
      const up = await home.homelab(['stack', 'all', 'up'])
      expect(up.exitCode, text(up.all)).toBe(1)
      expect(text(up.stdout)).toMatch(/second: ✗ /)
      expect(text(up.stdout)).toMatch(/✓ first up/)
      expect(text(up.stdout)).toMatch(/✓ third up/)
      const running = await Promise.all(['first', 'third'].map((name) => inspect(`${lab().id}-${name}-one-1`)))
      expect(running.map(({State}) => State.Health?.Status)).toEqual(['healthy', 'healthy'])
      const down = await home.homelab(['stack', 'all', 'down', '--json'])
      expect(down.exitCode).toBe(1)
      expect(report(down).stacks.map(({stack, error}) => [stack, error?.exitCode])).toEqual([
        ['first', undefined],
        ['second', 78],
        ['third', undefined],
      ])
    })
  })

  describe.concurrent('with the settings', () => {
    const plex = ['stack', 'plex', 'up']

    it('.env is missing', async () => {
      const {homelab, envFile} = await homeWithEnv(() => undefined)
      await untouched(() =>
        expectRefused(homelab, plex, {
          exit: 78,
          says: `${envFile} is missing.`,
          next: `cp ${envFile}.example ${envFile} && chmod 600 ${envFile}`,
        }),
      )
    })

    it('.env can be read by others', async () => {
      const {homelab, envFile} = await homeWithEnv((env) => env)
      await chmod(envFile, 0o644)
      await untouched(() =>
        expectRefused(homelab, plex, {exit: 78, says: /others on this machine can read it \(mode 644\)/, next: `chmod 600 ${envFile}`}),
      )
      expect((await stat(envFile)).mode & 0o777).toBe(0o644)
    })

    it('.env is still the example', async () => {
      const example = await readFile(path.join(compose(), '.env.example'), 'utf8')
      const {homelab, envFile} = await homeWithEnv(() => example)
      await untouched(() =>
        expectRefused(homelab, plex, {
          exit: 78,
          says: /"replace-me" as GLUETUN_API_KEY, NTFY_TOPIC, WIREGUARD_PRIVATE_KEY, WUD_PASSWORD, WUD_PASSWORD_HASH, WUD_WEBHOOK_TOKEN\./,
          next: `nano ${envFile}`,
        }),
      )
    })

    it.each([
      ['a required variable', 'torrent', 'GLUETUN_API_KEY', /^.*The variable GLUETUN_API_KEY is not set: set GLUETUN_API_KEY in \.env/m],
      [
        "a secret's variable",
        'services',
        'WUD_WEBHOOK_TOKEN',
        /The variable WUD_WEBHOOK_TOKEN is not set: a secret takes its value from it\./,
      ],
      ["another secret's variable", 'torrent', 'WIREGUARD_PRIVATE_KEY', /The variable WIREGUARD_PRIVATE_KEY is not set/],
    ])('%s is not set', async (_, stack, name, says) => {
      const {homelab} = await homeWithEnv(without(name))
      await untouched(() => expectRefused(homelab, ['stack', stack, 'up'], {exit: 78, says, next: `Set it in compose/.env: ${name}=…`}))
    })

    it('a variable without a default is not set, of which Compose only warns', async () => {
      const {homelab} = await homeWith({vague: {one: mini('sonarr', 8989, ['environment:', '  FOLDER: $FORGOTTEN_FOLDER'])}})
      await untouched(() =>
        expectRefused(homelab, ['stack', 'vague', 'up'], {
          exit: 78,
          says: /use FORGOTTEN_FOLDER, which is not set/,
          next: 'Set it in compose/.env: FORGOTTEN_FOLDER=…',
        }),
      )
    })

    it.each([
      ['is no YAML', 'services:\n  one: [\n'],
      ['has a key that Compose does not know', 'services:\n  one:\n    image: some\n    colour: green\n'],
    ])('a Compose file %s', async (_, broken) => {
      const {homelab, folder} = await homeWith({}, {'compose/torn.yml': broken})
      await untouched(() =>
        expectRefused(homelab, ['stack', 'torn', 'up'], {exit: 78, says: /torn/, next: path.join(folder, 'compose/torn.yml')}),
      )
    })

    it.each([
      ['an unknown key', 'compose: compose\ntimeouts:\n  helthy: 5\n', /unknown key timeouts\.helthy/],
      ['a wrong value', 'timeouts:\n  healthy: soon\n', /timeouts\.healthy: /],
    ])('homelab.yml has %s', async (_, config, says) => {
      const {homelab, folder} = await homes.home({from: compose(), files: {'homelab.yml': config}})
      await untouched(async () => {
        await expectRefused(homelab, plex, {exit: 78, says, next: 'homelab.example.yml'})
        expect(text((await homelab(plex)).stderr)).toContain(path.join(folder, 'homelab.yml'))
      })
    })

    it('homelab.yml is no YAML', async () => {
      const {homelab} = await homes.home({from: compose(), files: {'homelab.yml': 'stacks: [\n'}})
      const run = await homelab(plex)
      expect(run.exitCode).toBe(78)
      expect(text(run.stderr)).toMatch(/homelab\.yml is not valid YAML/)
    })
  })

  describe.concurrent('with the words', () => {
    it.each([
      ['an unknown stack', ['stack', 'torent', 'status'], /There is no stack "torent"\./, 'Did you mean torrent?'],
      ['an unknown verb', ['stack', 'torrent', 'updat'], /"updat" is no verb/, 'Did you mean update?'],
      [
        'an unknown verb with a flag of the right one',
        ['stack', 'torrent', 'updat', '--dry-run'],
        /"updat" is no verb/,
        'Did you mean update?',
      ],
      ['an unknown command', ['stak', 'torrent', 'status'], /homelab has no command "stak"\./, 'Did you mean stack?'],
      ['an unknown flag', ['stack', 'torrent', 'up', '--dry-rn'], /--dry-rn/, '--dry-run'],
      [
        'an unknown service',
        ['stack', 'services', 'restart', 'seer'],
        /has no service "seer"\. Nothing was done\./,
        'seer: did you mean seerr?',
      ],
      [
        'one mistyped service of several',
        ['stack', 'services', 'restart', 'beszel', 'seer', 'portainer'],
        /has no service "seer"\. Nothing was done\./,
        'seer: did you mean seerr?',
      ],
      [
        'a mistyped service, verb and stack exchanged',
        ['stack', 'stop', 'services', 'seer'],
        /has no service "seer"\./,
        'seer: did you mean seerr?',
      ],
      ['services of all', ['stack', 'all', 'stop', 'seerr'], /"all" takes no services\./, 'homelab stack'],
      ['no stack', ['stack', 'up'], /Which stack\?/, 'torrent'],
    ])('%s', async (_, words, says, next) => {
      await untouched(() => expectRefused(inLab, words, {exit: 2, says, next}))
    })

    it('verb and stack may change places', async () => {
      const [one, other] = await Promise.all([
        inLab(['stack', 'services', 'status', '--json']),
        inLab(['stack', 'status', 'services', '--json']),
      ])
      expect(report(one).stacks[0]?.services?.length).toBe(7)
      expect(other.stdout).toEqual(one.stdout)
      expect(other.exitCode).toBe(one.exitCode)
    })
  })

  describe('with Ctrl-C', () => {
    let running: ReturnType<typeof start> | undefined

    // A terminal sends the signal to the whole foreground group, so the command gets a group of its own.
    const start = (home: Home, words: readonly string[]) =>
      execa(PROGRAM_ARGV[0], [PROGRAM_ARGV[1], ...words], {env: home.env, detached: true, reject: false, all: true})

    const interrupt = (): boolean => process.kill(-(running?.pid ?? 0), 'SIGINT')

    afterEach(async () => {
      if (running?.exitCode === null) running.kill('SIGKILL')
      await running
      running = undefined
    })

    const patient = (): Promise<Home> =>
      homeWith({patient: {one: mini('tautulli', 8181), two: mini('kitana', 31_337)}}, {'homelab.yml': 'timeouts:\n  healthy: 8\n'})

    const upAndReady = async (): Promise<Home> => {
      const home = await patient()
      const up = await home.homelab(['stack', 'patient', 'up'])
      expect(up.exitCode, text(up.all)).toBe(0)
      return home
    }

    it('while it waits for health: what was done is done, and it says what was not', async () => {
      const home = await upAndReady()
      const untouchedOne = await inspect(`${lab().id}-patient-two-1`)
      await lab().push('tautulli', {version: '2.0.0', mode: 'never-healthy'})
      running = start(home, ['stack', 'patient', 'update'])
      await said(running, /wait for one …/)
      interrupt()
      const result = await running
      expect(result.exitCode, text(result.all)).toBe(130)
      expect(text(result.stderr)).toContain('Stopping: what was begun is brought to an end.')
      expect(text(result.stdout)).toMatch(/■ patient update: cancelled; 3 steps done, 1 not/)
      expect(text(result.stdout)).toContain('The update is unfinished')
      expect(text(result.stdout)).toMatch(/recreate one: done/)
      expect(text(result.stdout)).toMatch(/- wait for one: cancelled/)
      expect((await inspect(`${lab().id}-patient-one-1`)).Image).toBe(await imageId(image('tautulli')))
      expect((await inspect(`${lab().id}-patient-two-1`)).Id).toBe(untouchedOne.Id)
      expect(await halfRecreated(lab().id)).toEqual([])
      const next = await home.homelab(['stack', 'patient', 'update'])
      expect(next.exitCode, text(next.all)).toBe(3)
      expect(text(next.stdout)).toMatch(/one was updated, and went back/)
      expect((await inspect(`${lab().id}-patient-one-1`)).State.Health?.Status).toBe('healthy')
    })

    it('while Compose recreates: it ends that first, and nothing is half recreated', async () => {
      await lab().push('tautulli', {version: '3.0.0'})
      const home = await upAndReady()
      running = start(home, ['stack', 'patient', 'update', '--force-recreate'])
      await childOf(running.pid ?? 0, /compose .* up --detach/)
      interrupt()
      const result = await running
      expect(result.exitCode, text(result.all)).toBe(130)
      expect(text(result.stdout)).toMatch(/recreate one: done/)
      expect(text(result.stdout)).toMatch(/recreate two: done/)
      expect(text(result.stdout)).toMatch(/wait for (one|two): cancelled/)
      const states = await Promise.all(['one', 'two'].map((name) => inspect(`${lab().id}-patient-${name}-1`)))
      expect(states.map(({State}) => State.Status)).toEqual(['running', 'running'])
      expect(await halfRecreated(lab().id)).toEqual([])
      expect((await home.homelab(['stack', 'patient', 'up'])).exitCode).toBe(0)
      expect((await home.homelab(['stack', 'patient', 'down'])).exitCode).toBe(0)
    })
  })

  describe('with secrets', () => {
    it('tells none of them: not in its output, and not in the arguments of what it runs', async () => {
      const file = path.join(compose(), '.env')
      await writeFile(
        file,
        `${without('NTFY_TOKEN')(await readFile(file, 'utf8'))}NTFY_TOKEN=tk_marker_ntfy\nSONARR_API_KEY=marker_sonarr_key\nPLEX_CLAIM=claim-marker\n`,
        {mode: 0o600},
      )
      const env = Object.fromEntries(
        (await readFile(file, 'utf8')).split('\n').map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]),
      )
      const secrets = ['WIREGUARD_PRIVATE_KEY', 'GLUETUN_API_KEY', 'WUD_WEBHOOK_TOKEN', 'NTFY_TOKEN', 'SONARR_API_KEY', 'PLEX_CLAIM'].map(
        (name) => env[name] ?? '',
      )
      expect(secrets.every((secret) => secret.length >= 10)).toBe(true)
      const told = (output: string): string[] => secrets.filter((secret) => output.includes(secret))

      const watched = watchArguments()
      const up = await inLab(['stack', 'torrent', 'up', 'sonarr', 'unpackerr', '--verbose'])
      const seen = watched.stop()
      expect(up.exitCode, text(up.all)).toBe(0)
      expect(seen.some((line) => /compose .* up --detach/.test(line))).toBe(true)
      expect(told(seen.join('\n'))).toEqual([])
      expect(told(text(up.all))).toEqual([])

      const runs = [
        ['stack', 'torrent', 'status', '--json'],
        ['stack', 'torrent', 'status', '--verbose'],
        ['stack', 'services', 'up', '--verbose'],
        ['stack', 'torrent', 'restart', 'sonarr', '--json'],
      ]
      for (const words of runs) {
        const run = await inLab(words)
        expect(text(run.all)).not.toBe('')
        expect(told(text(run.all))).toEqual([])
      }
    })
  })

  const servers: Server[] = []

  function listen(server: Server, where: number | string): Promise<Server> {
    servers.push(server)
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      const ready = (): void => resolve(server)
      if (typeof where === 'number') server.listen(where, '127.0.0.1', ready)
      else server.listen(where, ready)
    })
  }

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => close(server)))
  })
})

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()))

/** Where the docker CLI found its plugin. */
async function realCompose(): Promise<string> {
  const plugins = JSON.parse(await docker('info', '--format', '{{json .ClientInfo.Plugins}}')) as {Name: string; Path: string}[]
  return plugins.find(({Name}) => Name === 'compose')?.Path ?? ''
}

/** The folders in which the docker CLI looks for plugins, beside that of its configuration. */
async function pluginFolders(): Promise<string[]> {
  const known = ['/usr/local/lib', '/usr/local/libexec', '/usr/lib', '/usr/libexec'].map((folder) => `${folder}/docker/cli-plugins`)
  const found = await Promise.all(
    known.map((folder) =>
      readdir(folder).then(
        () => [folder],
        () => [],
      ),
    ),
  )
  return found.flat()
}

/** Resolves when the running program has written that. */
async function said(running: {all?: NodeJS.ReadableStream | undefined}, pattern: RegExp): Promise<void> {
  let heard = ''
  await new Promise<void>((resolve, reject) => {
    running.all?.on('data', (chunk: Buffer) => {
      heard += String(chunk)
      if (pattern.test(heard)) resolve()
    })
    running.all?.once('end', () => reject(new Error(`it ended, and said only:\n${heard}`)))
  })
}

/** Resolves when the process has a child whose arguments match. */
async function childOf(pid: number, pattern: RegExp): Promise<void> {
  for (;;) {
    const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter((id) => id !== '')
    const lines = await Promise.all(children.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
    if (lines.some((line) => pattern.test(line.replaceAll('\0', ' ')))) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Collects the arguments of every process of this machine, as anybody on it could with `ps`. */
function watchArguments(): {stop(): string[]} {
  const seen = new Set<string>()
  const look = (): void => {
    for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        seen.add(readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ').trim())
      } catch {
        // It ended meanwhile.
      }
    }
  }
  const timer = setInterval(look, 15)
  return {
    stop: () => {
      clearInterval(timer)
      return [...seen]
    },
  }
}
