import {writeFile, mkdir} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {complaints, connections, reachedByBazarr, servers, testFailures} from '../../../src/lib/flow/answers.js'
import {connectionFindings} from '../../../src/lib/flow/hop.js'
import {unpackerr} from '../../../src/lib/flow/hops.js'
import {readKey} from '../../../src/lib/flow/keys.js'
import {tempFolder} from '../support/temp-folder.js'

describe('what the applications answer', () => {
  it.each([
    [{id: 1, name: 'qB', implementation: 'QBittorrent', enable: true}, true],
    [{id: 1, name: 'qB', implementation: 'QBittorrent', enable: false}, false],
    [{id: 1, name: 'S', implementation: 'Sonarr', syncLevel: 'disabled'}, false],
    [{id: 1, name: 'S', implementation: 'Sonarr', syncLevel: 'fullSync'}, true],
    [{id: 1, name: 'N', implementation: 'Torznab', enableRss: false, enableAutomaticSearch: false, enableInteractiveSearch: false}, false],
    [{id: 1, name: 'N', implementation: 'Torznab', enableRss: false, enableAutomaticSearch: true, enableInteractiveSearch: false}, true],
    [{id: 1, name: 'F', implementation: 'FlareSolverr'}, true],
  ])('%j is switched on: %s', (one, enabled) => {
    expect(connections([one])?.[0]).toMatchObject({id: 1, enabled})
  })

  it.each([[{}], ['x'], [null], [[1]], [undefined]])('%j is not what was expected', (answer) => {
    for (const read of [connections, testFailures, complaints, servers]) expect(read(answer)).toBeUndefined()
    expect(reachedByBazarr(answer)).toBeUndefined()
  })

  it('a test that says nothing of validity has not passed', () => {
    expect(testFailures([{id: 3}])?.get(3)).toBe('')
    expect(testFailures([{id: 3, isValid: true}])?.size).toBe(0)
  })

  it('only warnings and errors are complaints', () => {
    const answer = [
      {type: 'ok', message: 'a'},
      {type: 'notice', message: 'b'},
      {type: 'warning', message: 'c'},
      {type: 'error', message: 'd'},
    ]
    expect(complaints(answer)).toEqual([
      {is: 'warn', says: 'c'},
      {is: 'bad', says: 'd'},
    ])
  })

  it.each([
    ['4.0.15', true],
    ['', false],
    ['unknown', false],
    [undefined, false],
  ])('Bazarr that tells version %j of Sonarr reaches it: %s', (version, sonarr) => {
    expect(reachedByBazarr({data: {sonarr_version: version}})?.sonarr).toBe(sonarr)
  })
})

describe('a connection', () => {
  const listed = {value: [{id: 1, name: 'qB', implementation: 'QBittorrent', enable: true}]}
  const told = (more: object) =>
    connectionFindings({
      listed,
      tested: {value: [{id: 1, isValid: true}]},
      wanted: ({implementation}) => implementation === 'QBittorrent',
      what: 'client',
      click: 'here',
      ...more,
    }).map(({is}) => is)

  it('is good only when it is there, on, and tested', () => {
    const silent = {why: 'silent', says: 'no'} as const
    expect(told({})).toEqual(['good'])
    expect(told({listed: {value: []}})).toEqual(['bad'])
    expect(told({listed: {value: {}}})).toEqual(['unknown'])
    expect(told({listed: silent})).toEqual(['unknown'])
    expect(told({tested: silent})).toEqual(['unknown'])
    expect(told({tested: {value: {}}})).toEqual(['unknown'])
    expect(told({tested: {value: [{id: 1, isValid: false, validationFailures: []}]}})).toEqual(['bad'])
  })
})

describe('Unpackerr', () => {
  it.each([
    [{sonarr: 'a', radarr: 'b'}, {sonarr: 'a', radarr: 'b'}, ['good', 'good']],
    [{sonarr: 'x', radarr: ''}, {sonarr: 'a', radarr: 'b'}, ['bad', 'bad']],
    [{sonarr: 'a', radarr: 'b'}, {sonarr: undefined, radarr: 'b'}, ['unknown', 'good']],
  ])('given %j of %j', (given, keys, expected) => {
    expect(unpackerr(given, keys, []).findings.map(({is}) => is)).toEqual(expected)
  })
})

describe('the API key in a configuration file', () => {
  const withFile = async (name: string, text: string): Promise<string> => {
    const folder = await tempFolder()
    await mkdir(path.dirname(path.join(folder, name)), {recursive: true})
    await writeFile(path.join(folder, name), text)
    return folder
  }

  it('is read as each application writes it', async () => {
    expect(await readKey('sonarr', await withFile('config.xml', '<Config>\n  <ApiKey>abc-1</ApiKey>\n</Config>'))).toEqual({key: 'abc-1'})
    const yaml = "addic7ed:\n  apikey: wrong\nauth:\n  apikey: 'right1'\n  type: null\nsonarr:\n  apikey: wrong2\n"
    expect(await readKey('bazarr', await withFile('config/config.yaml', yaml))).toEqual({key: 'right1'})
    expect(await readKey('seerr', await withFile('settings.json', '{"main": {"apiKey": "k"}}'))).toEqual({key: 'k'})
    expect(await readKey('flaresolverr', '/nowhere')).toEqual({key: ''})
  })

  it('that is not there is told with its file', async () => {
    const folder = await withFile('config.xml', '<Config/>')
    expect(await readKey('radarr', folder)).toEqual({missing: `there is no API key in ${folder}/config.xml`})
    expect(await readKey('seerr', folder)).toEqual({missing: `${folder}/settings.json is missing: has seerr ever run?`})
    expect(await readKey('seerr', await withFile('settings.json', '{'))).toMatchObject({
      missing: expect.stringContaining('no API key') as string,
    })
  })
})
