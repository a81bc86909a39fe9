import {readFile} from 'node:fs/promises'
import {describe, expect, it} from 'vitest'
import {DEFAULTS, parseConfiguration} from '../../../src/lib/config/load.js'

const EXAMPLE = new URL('../../../homelab.example.yml', import.meta.url)
const ADDRESS = 'is no address, like "http://127.0.0.1:8989/ping"'
const LISTEN = 'is neither "auto" nor "off" nor a list of IP addresses'

describe('what may be said of updates', () => {
  it.each([
    ['listen: nas', `updates.listen: ${LISTEN}`],
    ['listen: [nas]', `updates.listen: ${LISTEN}`],
    ['policy: all', 'updates.policy: Invalid option: expected one of "auto"|"minor"'],
    ['window: {from: 2:00, to: 04:00}', 'updates.window.from: is no time of the day, like "02:00"'],
    ['window: {from: 02:00, to: 04:00, timezone: Mars}', 'updates.window.timezone: is no time zone, like "Europe/Berlin"'],
    ['window: {from: 02:00, to: 04:00, days: [monday]}', 'updates.window.days.0: Invalid option: expected one of "sun"|"mon"'],
    ['catchUp: 25:00', 'updates.catchUp: is no time of the day, like "02:00"'],
    ['wud: "ftp://wud"', `updates.wud: ${ADDRESS}`],
    ['gate: {runing: 1}', 'unknown key updates.gate.runing'],
    ['keep: 21', 'updates.keep: '],
    ['services: {sonarr: {}}', 'updates.services.sonarr: is no "stack/service"'],
    ['services: {a/b: {polcy: auto}}', 'unknown key updates.services.a/b.polcy'],
    ['services: {a/b: {probe: "http://["}}', `updates.services.a/b.probe: ${ADDRESS}`],
    ['services: {a/b: {backupPaths: [config]}}', 'updates.services.a/b.backupPaths.0: is no path from the root, like "/config"'],
    ['services: {a/b: {before: []}}', 'updates.services.a/b.before: '],
  ])('refuses {%s} with the path of what is wrong', async (text, message) => {
    await expect(parseConfiguration(`updates: {${text}}`, 'h.yml')).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining(`h.yml: ${message}`) as string,
    })
  })

  it('is explained in the example: the defaults, and every optional key when it is switched on', async () => {
    const text = await readFile(EXAMPLE, 'utf8')
    const plain = await parseConfiguration(text, 'homelab.example.yml')
    expect(plain.updates).toEqual(DEFAULTS.updates)

    const switchedOn = text
      .replace('services: {}\n', 'services:\n')
      .replace(/^( *)# (window: |wud: )/gm, '$1$2')
      .replace(/^ {2}# {3}( +|)(torrent\/|backup: |backupPaths: |probe: |before: |after: \[\/|hookTimeout: )/gm, '    $1$2')
    const {updates} = await parseConfiguration(switchedOn, 'homelab.example.yml')
    expect(updates).toMatchObject({window: {from: '02:00', days: ['sat', 'sun']}, wud: 'http://127.0.0.1:3000'})
    expect(Object.keys(updates.services['torrent/sonarr'] ?? {}).toSorted()).toEqual(
      ['after', 'backup', 'backupPaths', 'before', 'hookTimeout', 'probe'].toSorted(),
    )
  })
})
