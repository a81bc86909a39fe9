import {chmod, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {systemdNotifier, watchdogMs, type SystemdNotifier} from '../../../src/lib/watch/systemd-notify.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const recorded = () => {
  const warnings: string[] = []
  return {warnings, log: {info() {}, warn: (text: string) => void warnings.push(text), error() {}}}
}

/** A systemd-notify that writes down its arguments, and then does this. */
async function standIn(then: string): Promise<{environment: Record<string, string>; said: () => Promise<string[]>}> {
  const folder = await tempFolder()
  const file = path.join(folder, 'systemd-notify')
  await writeFile(file, `#!/bin/sh\necho "$*" >> '${folder}/said'\n${then}\n`)
  await chmod(file, 0o755)
  const said = async () => (await readFile(path.join(folder, 'said'), 'utf8')).trim().split('\n')
  return {environment: {PATH: `${folder}:${process.env.PATH}`, NOTIFY_SOCKET: '/nowhere'}, said}
}

const tellAll = ({ready, status, watchdog, stopping}: SystemdNotifier): Promise<unknown> =>
  Promise.all([ready('one'), status('two\nREADY=1\n'), watchdog(), stopping()])

describe('what systemd is told', () => {
  it('is nothing where it does not listen', async () => {
    const {log, warnings} = recorded()
    const notifier = systemdNotifier({PATH: '/nowhere'}, {pid: 1, log})
    await tellAll(notifier)
    expect(warnings).toEqual([])
  })

  it('comes in the order in which it was said, each on one line', async () => {
    const {environment, said} = await standIn('sleep 0.0$$')
    const notifier = systemdNotifier(environment, {pid: 42, ...recorded()})
    await tellAll(notifier)
    expect(await said()).toEqual([
      '--pid=42 READY=1 STATUS=one',
      '--pid=42 STATUS=two READY=1',
      '--pid=42 WATCHDOG=1',
      '--pid=42 STOPPING=1',
    ])
  })

  it.each([
    ['is not installed', undefined, /systemd-notify is not installed/],
    ['fails', 'exit 3', /systemd-notify ended with 3/],
    ['hangs', 'exec sleep 30', /systemd-notify was not done after 0\.2 s/],
  ])('is told once to the log when systemd-notify %s, and nothing is thrown', async (_, then, warning) => {
    const {log, warnings} = recorded()
    const environment = then === undefined ? {PATH: await tempFolder(), NOTIFY_SOCKET: '/nowhere'} : (await standIn(then)).environment
    const notifier = systemdNotifier(environment, {pid: 1, log, limitMs: then?.includes('sleep') ? 200 : 5000})
    await notifier.ready('a')
    await notifier.watchdog()
    expect(warnings).toEqual([expect.stringMatching(warning)])
  })
})

describe('the watchdog', () => {
  it.each([
    [{WATCHDOG_USEC: '120000000'}, 60_000],
    [{WATCHDOG_USEC: '120000000', WATCHDOG_PID: '42'}, 60_000],
    [{WATCHDOG_USEC: '120000000', WATCHDOG_PID: '41'}, undefined],
    [{WATCHDOG_USEC: '3001'}, 1],
    [{WATCHDOG_USEC: '0'}, undefined],
    [{WATCHDOG_USEC: 'soon'}, undefined],
    [{}, undefined],
  ])('wants to hear with %j every %s ms', (environment, every) => expect(watchdogMs(environment, 42)).toBe(every))
})
