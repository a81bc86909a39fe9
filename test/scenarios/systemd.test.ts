import {chmod, cp, mkdir, readFile, stat, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {execa, type Result} from 'execa'
import {beforeAll, describe, expect, it, onTestFinished} from 'vitest'
import {UNIT} from '../../src/lib/systemd/unit.js'
import {systemdNotifier} from '../../src/lib/watch/systemd-notify.js'
import {ROOT} from '../lab/workshop.js'
import {PROGRAM_ARGV, useHomes} from '../support/scenario/homes.js'
import {notifySocket} from '../support/scenario/notify-socket.js'
import {text} from '../support/scenario/outcome.js'
import {pathWithSystemd} from '../support/scenario/systemd-tools.js'
import {systemctlStandIn, type Machine} from '../support/scenario/systemctl-stand-in.js'

const NOBODY = 65_534
const isRoot = process.getuid?.() === 0

describe('systemd', () => {
  const homes = useHomes()
  let tools: string
  beforeAll(async () => {
    tools = await pathWithSystemd(path.join(ROOT, '.lab', 'systemd'))
  })

  /** homelab on a machine whose systemd is a stand-in. */
  const onMachine = async (config = '') => {
    const folder = await homes.folder()
    const machine = await systemctlStandIn(folder)
    const home = await homes.home({files: {'homelab.yml': config, 'compose/one.yml': 'services: {}\n'}})
    // What a unit says of the state is tested here, and nothing of it is made.
    const env = {PATH: `${machine.programs}:${process.env.PATH}`, HOMELAB_STATE: undefined}
    return {
      machine,
      home,
      homelab: (verb: string, ...more: readonly string[]) => home.homelab(['systemd', verb, ...machine.flags, ...more], env),
    }
  }

  describe('the unit', () => {
    /** A systemd that knows these units only, so that nothing of this machine is judged along. */
    const units = async (): Promise<string> => {
      const folder = await homes.folder()
      for (const name of ['sysinit', 'basic', 'shutdown', 'network-online', 'multi-user'])
        await writeFile(path.join(folder, `${name}.target`), `[Unit]\nDescription=${name}\nDefaultDependencies=no\n`)
      return folder
    }

    const verify = async (unit: unknown): Promise<Result> => {
      const folder = await units()
      await writeFile(path.join(folder, UNIT), `${text(unit)}\n`)
      const env = {PATH: tools, SYSTEMD_UNIT_PATH: folder}
      return execa('systemd-analyze', ['verify', '--man=no', path.join(folder, UNIT)], {env, reject: false, all: true})
    }

    it.each([[[]], [['--user', 'daemon']], [['--context', 'nas']]])('is without fault to systemd: print %j', async (flags) => {
      const {homelab} = await onMachine()
      const printed = await homelab('print', ...flags)
      expect(printed.exitCode, text(printed.all)).toBe(0)
      const verdict = await verify(printed.stdout)
      expect([verdict.exitCode, verdict.all]).toEqual([0, ''])
    })

    it('lets be written what the Compose files name, and takes its time from them; what cannot be read is told, and kept', async () => {
      const {home, machine, homelab} = await onMachine()
      const compose = path.join(home.folder, 'compose')
      const lines = async (verb = 'print') =>
        text((await homelab(verb)).stdout)
          .split('\n')
          .filter((line) => /ReadWritePaths|TimeoutStopSec/.test(line))
      await writeFile(path.join(compose, '.env'), 'NTFY_TOPIC=\nCONFIG_DIR=/srv/configs\n', {mode: 0o600})
      await writeFile(
        path.join(compose, 'one.yml'),
        `services:
  sonarr: {image: "a:1", volumes: ["/srv/configs/sonarr:/config", "/srv/media:/data"]}
  library: {image: "b:1", stop_grace_period: 2m, volumes: ["/srv/my library:/config"]}
`,
      )
      const expected = [
        'TimeoutStopSec=300',
        'ReadWritePaths="-/srv/my library"',
        'ReadWritePaths=-/srv/configs',
        `ReadWritePaths=-${compose}`,
      ]
      expect((await lines()).toSorted()).toEqual(expected.toSorted())
      const printed = await homelab('print')
      const verdict = await verify(printed.stdout)
      expect([printed.stderr, verdict.exitCode, verdict.all]).toEqual(['', 0, ''])
      await homelab('install')
      await writeFile(path.join(compose, 'one.yml'), 'services: [\n')
      const status = await homelab('status')
      expect(text(status.stderr)).toMatch(/^! What the unit may write is not known in full\. one: /)
      expect(text(status.stdout)).not.toContain('differs')
      await writeFile(path.join(compose, 'one.yml'), 'services: {sonarr: {image: "a:1"}}\n')
      expect(await lines('status')).toEqual(
        expect.arrayContaining([expect.stringContaining('- ReadWritePaths=-/srv/configs'), expect.stringContaining('+ TimeoutStopSec=90')]),
      )
      expect(await machine.asked()).toEqual(['daemon-reload', `enable --now ${UNIT}`])
    })

    it('is without fault in folders of odd names', async () => {
      const folder = await homes.folder()
      // A program may have no quotes in its path.
      const [odd, odder] = [path.join(folder, 'a b %h $HOME'), path.join(folder, 'c "d" \\e %i $HOME')]
      await mkdir(odd)
      await cp(process.execPath, path.join(odd, 'node'))
      for (const part of ['bin', 'dist', 'package.json', 'oclif.manifest.json'])
        await cp(path.join(ROOT, part), path.join(odder, part), {recursive: true})
      const printed = await execa(path.join(odd, 'node'), [path.join(odder, 'bin/run.cjs'), 'systemd', 'print'], {
        env: {HOMELAB_STATE: odder},
      })
      expect(printed.stdout).toContain('/a b %%h $HOME/node"')
      expect(printed.stdout).toContain('/c \\"d\\" \\\\e %%i $$HOME/bin/run.cjs" watch')
      const verdict = await verify(printed.stdout)
      expect([verdict.exitCode, verdict.all]).toEqual([0, ''])
    })

    it('would not pass with a fault', async () => {
      const {homelab} = await onMachine()
      const printed = text((await homelab('print')).stdout)
      const verdict = await verify(printed.replace('KillMode=mixed', 'KilMode=mixed'))
      expect(verdict.all).toMatch(/Unknown key.*KilMode/)
      expect((await verify(printed.replace(/^ExecStart=\S+/m, 'ExecStart=/nowhere/node'))).exitCode).not.toBe(0)
    })
  })

  describe('its notify protocol', () => {
    it('is spoken: READY, STATUS, WATCHDOG, STOPPING, all of the watcher', async () => {
      const socket = await notifySocket()
      onTestFinished(() => socket.close())
      const warnings: string[] = []
      const log = {info() {}, warn: (warning: string) => void warnings.push(warning), error() {}}
      const notifier = systemdNotifier({PATH: tools, NOTIFY_SOCKET: socket.path}, {pid: process.pid, log})
      const began = Date.now()
      await notifier.ready('watching 2 gateways')
      await notifier.watchdog()
      await notifier.status('gluetun restarted: 9 services follow')
      await notifier.stopping()
      // A barrier that nobody answers takes five seconds each.
      expect(Date.now() - began).toBeLessThan(4_000)
      await socket.waitFor('STOPPING=1')
      expect(socket.lines().filter((line) => !/^(MAINPID|BARRIER)/.test(line))).toEqual([
        'READY=1',
        'STATUS=watching 2 gateways',
        'WATCHDOG=1',
        'STATUS=gluetun restarted: 9 services follow',
        'STOPPING=1',
      ])
      expect(new Set(socket.lines().filter((line) => line.startsWith('MAINPID')))).toEqual(new Set([`MAINPID=${process.pid}`]))
      expect(warnings).toEqual([])
    })
  })

  describe('install', () => {
    const INSTALL = ['daemon-reload', `enable --now ${UNIT}`]

    it('writes, enables and starts; a second time there is nothing to do', async () => {
      const {machine, homelab} = await onMachine()
      const first = await homelab('install')
      expect(first.exitCode, text(first.all)).toBe(0)
      expect(text(first.stdout)).toMatch(new RegExp(`✓ ${UNIT}: done`))
      expect(await machine.asked()).toEqual(INSTALL)
      expect(await readFile(machine.unitFile, 'utf8')).toBe(`${text((await homelab('print')).stdout)}\n`)
      expect((await stat(machine.unitFile)).mode & 0o777).toBe(0o644)
      const second = await homelab('install')
      expect(text(second.stdout)).toMatch(/nothing to do/)
      expect(await machine.asked()).toEqual([])
    })

    it('restarts what runs with another unit, and keeps its user', async () => {
      const {machine, homelab} = await onMachine()
      await writeFile(path.join(machine.programs, 'getent'), '#!/bin/sh\n')
      await chmod(path.join(machine.programs, 'getent'), 0o755)
      await homelab('install', '--user', 'media')
      await writeFile(machine.unitFile, (await readFile(machine.unitFile, 'utf8')).replace('RestartSec=10', 'RestartSec=1'))
      await machine.asked()
      const status = await homelab('status')
      expect(text(status.stdout)).toMatch(
        /differs from what would be written now: sudo homelab systemd install\n +- RestartSec=1\n +\+ RestartSec=10/,
      )
      expect((await homelab('install')).exitCode).toBe(0)
      expect(await machine.asked()).toEqual(['daemon-reload', `restart ${UNIT}`])
      expect(await readFile(machine.unitFile, 'utf8')).toMatch(/^User=media$[^]*^RestartSec=10$/m)
      expect(text((await homelab('uninstall')).stdout)).toContain('State and journal stay: ~media/.local/state/homelab')
    })

    it('tells what it would do, and does nothing: --dry-run', async () => {
      const {machine, homelab} = await onMachine()
      const told = await homelab('install', '--dry-run', '--json')
      expect(JSON.parse(text(told.stdout))).toEqual({
        unit: UNIT,
        file: machine.unitFile,
        dryRun: true,
        steps: [`write ${machine.unitFile}`, ...INSTALL.map((args) => `systemctl ${args}`)],
      })
      expect(await machine.asked()).toEqual([])
      await expect(stat(machine.unitFile)).rejects.toThrow('ENOENT')
    })

    it('says why the watcher does not start', async () => {
      const {machine, homelab} = await onMachine()
      await machine.refuse()
      const refused = await homelab('install')
      expect(refused.exitCode).toBe(1)
      expect(text(refused.stderr)).toContain('the control process exited with error code')
      expect(text(refused.stderr)).toContain(`journalctl -u ${UNIT}`)
    })

    it('refuses a broken configuration, which the watcher would only tell the journal', async () => {
      const {machine, homelab} = await onMachine('watch: {resnyc: 1}')
      const refused = await homelab('install')
      expect(refused.exitCode).toBe(78)
      expect(text(refused.stderr)).toMatch(/unknown key watch\.resnyc/)
      expect(await machine.asked()).toEqual([])
      await expect(stat(machine.unitFile)).rejects.toThrow('ENOENT')
    })

    it.each([
      ['--user', 'no such one', /cannot be the name of a user/],
      ['--user', 'homelab-nobody-here', /There is no user "homelab-nobody-here"/],
    ])('refuses %s "%s"', async (flag, value, says) => {
      const {machine, homelab} = await onMachine()
      const refused = await homelab('install', flag, value)
      expect(refused.exitCode).toBe(2)
      expect(text(refused.stderr)).toMatch(says)
      expect(await machine.asked()).toEqual([])
    })

    it.each([['install'], ['uninstall']])('is for root: %s', async (verb) => {
      const {machine, home, homelab} = await onMachine()
      if (verb === 'uninstall') await homelab('install')
      await machine.asked()
      const refused = await asNobody(machine, home.folder, verb)
      expect(refused.exitCode, text(refused.all)).toBe(1)
      expect(text(refused.stderr)).toMatch(
        /Only root may change what is in .*\. Nothing was done\.\n {2}sudo .*homelab systemd (un)?install/,
      )
      expect(await machine.asked()).toEqual([])
    })

    /** The checkout may be in a folder that others cannot enter. */
    async function asNobody(machine: Machine, home: string, verb: string): Promise<Result> {
      const program = await homes.folder()
      for (const part of ['bin', 'dist', 'package.json', 'oclif.manifest.json'])
        await cp(path.join(ROOT, part), path.join(program, part), {recursive: true})
      const folders = [program, home, path.dirname(machine.programs)]
      for (const folder of folders) await chmod(folder, 0o755)
      if (!isRoot) await chmod(path.dirname(machine.unitFile), 0o555)
      return execa(process.execPath, [path.join(program, 'bin/run.cjs'), 'systemd', verb, ...machine.flags], {
        env: {PATH: `${machine.programs}:${process.env.PATH}`, HOMELAB_HOME: home, HOMELAB_STATE: path.join(home, 'state')},
        extendEnv: false,
        cwd: home,
        ...(isRoot ? {uid: NOBODY, gid: NOBODY} : {}),
        reject: false,
        all: true,
      })
    }
  })

  describe('uninstall', () => {
    it('takes the unit away, and says where the state is; a second time it was not there', async () => {
      const {machine, homelab} = await onMachine()
      await homelab('install')
      await machine.asked()
      const first = await homelab('uninstall')
      expect(first.exitCode, text(first.all)).toBe(0)
      expect(text(first.stdout)).toContain('State and journal stay: /var/lib/homelab')
      expect(await machine.asked()).toEqual([`disable --now ${UNIT}`, 'daemon-reload', `reset-failed ${UNIT}`])
      await expect(stat(machine.unitFile)).rejects.toThrow('ENOENT')
      const second = await homelab('uninstall')
      expect([second.exitCode, text(second.stdout)]).toEqual([0, `✓ ${UNIT}: was not installed`])
      expect(await machine.asked()).toEqual([])
    })
  })

  describe('status', () => {
    it('is 0 exactly while the watcher runs', async () => {
      const {machine, homelab} = await onMachine()
      const none = await homelab('status')
      expect([none.exitCode, text(none.stdout)]).toEqual([1, expect.stringContaining('is not installed')])
      await homelab('install')
      const runs = await homelab('status')
      expect(runs.exitCode).toBe(0)
      expect(text(runs.stdout)).toMatch(
        new RegExp(`✓ ${UNIT}: active \\(running\\) for .*, pid 4711, 2 restarts by systemd\n  watching 2 gateways, all = well`),
      )
      expect(JSON.parse(text((await homelab('status', '--json')).stdout))).toEqual({
        unit: UNIT,
        file: machine.unitFile,
        installed: true,
        current: true,
        differences: [],
        enabled: true,
        active: 'active',
        sub: 'running',
        since: '2026-11-22T12:00:00Z',
        restarts: 2,
        mainPid: 4711,
        result: 'success',
        exitStatus: 0,
        says: 'watching 2 gateways, all = well',
      })
    })
  })

  describe('where it does not run the machine', () => {
    it.each([['install'], ['uninstall'], ['status']])('%s says so, and what to do instead', async (verb) => {
      const {machine, home} = await onMachine()
      const elsewhere = ['--unit-dir', path.dirname(machine.unitFile), '--booted-dir', path.join(home.folder, 'none')]
      const refused = await home.homelab(['systemd', verb, ...elsewhere])
      expect(refused.exitCode).toBe(1)
      expect(text(refused.stderr)).toMatch(/systemd does not run this machine \(there is no .*none\)\. Nothing was done\./)
      expect(text(refused.stderr)).toMatch(/homelab watch.*\n.*homelab systemd print/)
      await expect(stat(machine.unitFile)).rejects.toThrow('ENOENT')
    })

    it('the unit can still be printed', async () => {
      const printed = await execa(PROGRAM_ARGV[0], [PROGRAM_ARGV[1], 'systemd', 'print', '--json'])
      expect(JSON.parse(printed.stdout)).toMatchObject({unit: UNIT, file: `/etc/systemd/system/${UNIT}`})
    })
  })
})
