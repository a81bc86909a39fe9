import {chmod, mkdir, readdir, readFile, stat, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {carryOut, PLACES, requireSystemd, installSteps, stepText, uninstallSteps, requireUser} from '../../../src/lib/systemd/install.js'
import {programs} from '../../../src/lib/util/subprocess.js'
import {parseUnitState, type UnitState} from '../../../src/lib/systemd/unit-state.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const fresh = parseUnitState('LoadState=not-found\nActiveState=inactive\nSubState=dead\n')
const runs: UnitState = {...fresh, load: 'loaded', active: 'active', sub: 'running', enabled: 'enabled'}

/** What would be done, as a person would type it, without the unit's name. */
const install = (installed: string | undefined, state: UnitState, folder?: string): string[] =>
  installSteps({file: '/e/u', installed, state}, {text: 'new', state: folder}).map((step) =>
    stepText(step).replace(' homelab-watch.service', ''),
  )
const uninstall = (installed: string | undefined, state: UnitState): string[] =>
  uninstallSteps({file: '/e/u', installed, state}).map((step) => stepText(step).replace(' homelab-watch.service', ''))

describe('what systemd says of a unit', () => {
  it('is read', () => {
    const text = `NRestarts=3\nMainPID=812\nResult=watchdog\nExecMainStatus=6\nLoadState=loaded\nActiveState=activating
SubState=auto-restart\nUnitFileState=enabled\nNeedDaemonReload=yes\nStateChangeTimestamp=Sun 2026-11-22 12:00:07 UTC
StatusText=a = b; c\nAn odd line\n`
    expect(parseUnitState(text)).toEqual({
      load: 'loaded',
      active: 'activating',
      sub: 'auto-restart',
      enabled: 'enabled',
      stale: true,
      since: '2026-11-22T12:00:07Z',
      restarts: 3,
      mainPid: 812,
      result: 'watchdog',
      exitStatus: 6,
      says: 'a = b; c',
    })
  })

  it('may be nothing', () => {
    expect(parseUnitState('')).toMatchObject({active: '', since: undefined, restarts: 0, mainPid: 0, stale: false})
    expect(parseUnitState('StateChangeTimestamp=n/a')).toMatchObject({since: undefined})
  })
})

describe('installing', () => {
  const [write, reload, begin] = ['write /e/u', 'systemctl daemon-reload', 'systemctl enable --now']

  it.each([
    ['it is new', undefined, fresh, [write, reload, begin]],
    ['all is as it should be', 'new', runs, []],
    ['it differs and runs', 'old', runs, [write, reload, 'systemctl restart']],
    [
      'it differs, runs and is not enabled',
      'old',
      {...runs, enabled: 'disabled'},
      [write, reload, 'systemctl enable', 'systemctl restart'],
    ],
    ['it differs and failed', 'old', {...runs, active: 'failed'}, [write, reload, begin]],
    ['it differs and waits to be tried again', 'old', {...runs, active: 'activating'}, [write, reload, 'systemctl restart']],
    ['it was stopped', 'new', {...runs, active: 'inactive'}, [begin]],
    ['it waits to be tried again', 'new', {...runs, active: 'activating'}, [begin]],
    ['it is not enabled', 'new', {...runs, enabled: 'disabled'}, [begin]],
    ['systemd has not read it, as the last try broke off', 'new', {...runs, stale: true}, [reload, 'systemctl restart']],
  ])('when %s', (_, installed, state, steps) => expect(install(installed, state)).toEqual(steps))

  it('makes a state folder that systemd does not make', () => {
    expect(install(undefined, fresh, '/srv/state')).toEqual(['make the folder /srv/state', write, reload, begin])
  })
})

describe('uninstalling', () => {
  const rest = ['systemctl daemon-reload', 'systemctl reset-failed']

  it.each([
    ['it is not there', undefined, fresh, []],
    ['it runs', 'new', runs, ['systemctl disable --now', 'remove /e/u', ...rest]],
    ['its file was removed by hand', undefined, runs, ['systemctl stop', ...rest]],
    ['it only failed', undefined, {...fresh, active: 'failed'}, ['systemctl stop', ...rest]],
  ])('when %s', (_, installed, state, steps) => expect(uninstall(installed, state)).toEqual(steps))
})

describe('carrying out', () => {
  const none = async () => ({code: 0, stdout: '', stderr: ''})

  it('writes a file whole, for all to read, over the old one', async () => {
    const folder = await tempFolder()
    const file = path.join(folder, 'u.service')
    await writeFile(file, 'a much longer old text', {mode: 0o600})
    await carryOut([{do: 'write', file, text: 'new'}], none, 'sudo')
    expect(await readFile(file, 'utf8')).toBe('new')
    expect((await stat(file)).mode & 0o777).toBe(0o644)
    expect(await readdir(folder)).toEqual(['u.service'])
  })

  it('leaves nothing beside a file that it cannot write', async () => {
    const folder = await tempFolder()
    const file = path.join(folder, 'u.service')
    await mkdir(path.join(file, 'in the way'), {recursive: true})
    await expect(carryOut([{do: 'write', file, text: 'new'}], none, 'sudo')).rejects.toMatchObject({
      name: 'OperatorError',
      message: expect.stringContaining(`Could not write ${file}: `) as string,
    })
    expect(await readdir(folder)).toEqual(['u.service'])
  })

  it('ends at the first step that fails, unless it only tidies up', async () => {
    const asked: string[] = []
    const run = async (_: string, args: readonly string[]) => {
      asked.push(args.join(' '))
      return {code: args[0] === 'b' || args[0] === 'tidy' ? 1 : 0, stdout: '', stderr: 'Removed x.\nNo.\nMore.\n'}
    }
    const ask = (arg: string, mayFail = false) => ({do: 'systemctl', args: [arg], mayFail}) as const
    await expect(carryOut([ask('a'), ask('tidy', true), ask('b'), ask('c')], run, 'sudo')).rejects.toMatchObject({
      message: 'systemctl b: No.',
      detail: 'Removed x.\nNo.\nMore.\n',
      next: [expect.stringContaining('journalctl -u homelab-watch.service') as string, expect.anything()],
    })
    expect(asked).toEqual(['a', 'tidy', 'b'])
  })
})

describe('where systemd is', () => {
  it('is what sd_booted(3) looks at', async () => {
    expect(PLACES).toEqual({units: '/etc/systemd/system', booted: '/run/systemd/system'})
    const booted = await tempFolder()
    await expect(requireSystemd({units: '/', booted})).resolves.toBeUndefined()
    await expect(requireSystemd({units: '/', booted: path.join(booted, 'no')})).rejects.toMatchObject({exitCode: 1})
  })
})

describe('programs of the system', () => {
  const never = new AbortController().signal
  const run = programs({PATH: process.env.PATH, TZ: 'Asia/Tokyo', LC_ALL: 'de_DE'}, never)

  it('speak one language, in one time zone', async () => {
    expect(await run('sh', ['-c', 'echo "$TZ $LC_ALL"; echo no >&2; exit 3'], 5)).toEqual({code: 3, stdout: 'UTC C\n', stderr: 'no\n'})
  })

  it('may be missing, and have a limit', async () => {
    await expect(run('no-such-program', [], 5)).rejects.toMatchObject({message: 'no-such-program: there is no such program.', exitCode: 1})
    await expect(run('sleep', ['20'], 0.1)).rejects.toMatchObject({message: 'sleep 20: not done after 0.1 s.', exitCode: 1})
  })

  it('end with Ctrl-C, which is no failure of theirs', async () => {
    const stop = new AbortController()
    const asked = programs({PATH: process.env.PATH}, stop.signal)('sleep', ['20'], 30)
    stop.abort()
    await expect(asked).rejects.toMatchObject({name: 'AbortError'})
  })
})

describe('the user of the watcher', () => {
  it('and the group docker must be there', async () => {
    const folder = await tempFolder()
    const getent = path.join(folder, 'getent')
    await writeFile(
      getent,
      '#!/bin/sh\ncase "$1 $2" in "passwd media"|"passwd lone") exit 0;; "group docker") exit $GROUP;; esac\nexit 2\n',
    )
    await chmod(getent, 0o755)
    const ask = (user: string, GROUP = '0') => requireUser(programs({PATH: folder, GROUP}, new AbortController().signal), user)
    await expect(ask('media')).resolves.toBeUndefined()
    await expect(ask('root', '2')).resolves.toBeUndefined()
    await expect(ask('nobody-here')).rejects.toMatchObject({exitCode: 2, message: 'There is no user "nobody-here" on this machine.'})
    await expect(ask('media', '2')).rejects.toMatchObject({exitCode: 2, message: expect.stringContaining('no group "docker"') as string})
  })
})
