import {mkdir, rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {execa} from 'execa'
import {describe, expect, it} from 'vitest'
import {
  complaints,
  connections,
  hasEvent,
  reachedByBazarr,
  servers,
  testResult,
  testResults,
} from '../../../../src/lib/health/flow/answers.js'
import {testedFindings} from '../../../../src/lib/health/flow/hop.js'
import {finderToPlex, prowlarrToFlareSolverr, seerrTo, unpackerr} from '../../../../src/lib/health/flow/hops.js'
import {type AskApp, readKey} from '../../../../src/lib/health/flow/app.js'
import type {Reading} from '../../../../src/lib/vpn/gluetun.js'
import {tempFolder} from '../../../support/unit/temp-folder.js'

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
    for (const read of [connections, testResults, complaints, servers]) expect(read(answer)).toBeUndefined()
    expect(reachedByBazarr(answer)).toBeUndefined()
  })

  it('a test that says nothing of validity has not passed', () => {
    expect(testResults([{id: 3}])?.get(3)).toEqual({passed: false, why: ''})
    expect(testResults([{id: 3, isValid: true}])?.get(3)).toEqual({passed: true})
  })

  it.each([
    [{}, {passed: true}],
    [[{propertyName: 'Host', errorMessage: 'no'}, {errorMessage: 'never'}], {passed: false, why: 'no; never'}],
    [[], undefined],
    [{message: 'what?'}, undefined],
    ['{}', undefined],
    [null, undefined],
  ])('a test of one connection that says %j: %j', (answer, expected) => {
    expect(testResult(answer)).toEqual(expected)
  })

  it('a notification without an event is off, whatever it supports', () => {
    const told = (one: object) => connections([{id: 1, supportsOnDownload: true, ...one}])?.map(hasEvent)
    expect(told({onDownload: false, onUpgrade: false})).toEqual([false])
    expect(told({onDownload: false, onUpgrade: true})).toEqual([true])
  })

  it('only warnings and errors are complaints', () => {
    const answer = [
      {type: 'ok', message: 'a'},
      {type: 'notice', message: 'b'},
      {type: 'warning', message: 'c', source: 'RootFolderCheck'},
      {type: 'error', message: 'd'},
    ]
    expect(complaints(answer)).toEqual([
      {is: 'warn', says: 'c', source: 'RootFolderCheck'},
      {is: 'bad', says: 'd', source: ''},
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
  const told = ({tested = {value: [{id: 1, isValid: true}]}, ...more}: {tested?: Reading<unknown>; listed?: Reading<unknown>}) =>
    testedFindings({listed, implementation: 'QBittorrent', what: 'client', click: 'here', ...more}, tested).map(({is}) => is)

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

  it('that its application left out of the test is not known', () => {
    expect(told({tested: {value: []}})).toEqual(['unknown'])
    expect(told({tested: {value: [{id: 2, isValid: true}]}})).toEqual(['unknown'])
  })
})

/** An application that answers by method and path, and remembers what it was asked. */
function asked(answers: Readonly<Record<string, unknown>>) {
  const questions: {question: string; body: unknown}[] = []
  const ask: AskApp = (_app, {method = 'GET', path: at, body}) => {
    const question = `${method} ${at}`
    questions.push({question, body})
    const value = answers[question]
    return Promise.resolve(value === undefined ? {why: 'silent', says: 'no answer'} : {value})
  }
  return {ask, questions}
}

const app = (service: string, door = 'gluetun') => ({service, door, url: 'http://127.0.0.1:1', key: 'k'})

describe('the way to Plex', () => {
  const plex = {id: 4, name: 'TV', implementation: 'PlexServer', onDownload: true, fields: [{name: 'authToken', value: '********'}]}
  const mail = {id: 5, name: 'Mail', implementation: 'Email', onDownload: true}
  const script = {id: 6, name: 'Script', implementation: 'CustomScript', onGrab: true}

  it('only that connection is tested, with the resource as it was listed', async () => {
    const {ask, questions} = asked({'GET /api/v3/notification': [mail, plex, script], 'POST /api/v3/notification/test': {}})
    expect((await finderToPlex(app('sonarr'), ask)).findings.map(({is}) => is)).toEqual(['good'])
    expect(questions.filter(({question}) => question.startsWith('POST'))).toEqual([
      {question: 'POST /api/v3/notification/test', body: plex},
    ])
  })

  it.each([
    ['there is none', [mail, script], {}, ['bad']],
    ['it has no event', [{...plex, onDownload: false}], {}, ['bad']],
    ['its test fails', [plex], [{errorMessage: 'no'}], ['bad']],
    ['its test is not answered', [plex], undefined, ['unknown']],
    ['its test is answered otherwise', [plex], {message: 'x'}, ['unknown']],
  ])('%s', async (_what, listed, tested, expected) => {
    const {ask, questions} = asked({'GET /api/v3/notification': listed, 'POST /api/v3/notification/test': tested})
    expect((await finderToPlex(app('sonarr'), ask)).findings.map(({is}) => is)).toEqual(expected)
    expect(questions.filter(({question}) => question.includes('testall'))).toEqual([])
  })
})

describe('the way to FlareSolverr', () => {
  const proxy = {id: 1, name: 'Flare', implementation: 'FlareSolverr', tags: [4], fields: [{name: 'host', value: 'http://localhost:8191/'}]}
  const told = async (more: Readonly<Record<string, unknown>>, door = 'gluetun') => {
    const {ask, questions} = asked({
      'GET /health': {},
      'GET /api/v1/health': [],
      'GET /api/v1/indexerproxy': [proxy],
      'GET /api/v1/indexer': [{id: 7, name: '1337x', tags: [4]}],
      ...more,
    })
    const {findings} = await prowlarrToFlareSolverr(app('prowlarr'), app('flaresolverr', door), ask)
    expect(questions.filter(({question}) => !question.startsWith('GET'))).toEqual([])
    return findings.map(({is}) => is)
  }

  it('is read, and never tested', async () => {
    expect(await told({})).toEqual(['good', 'good', 'good'])
    expect(await told({'GET /api/v1/indexerproxy': [{...proxy, tags: []}]})).toEqual(['good', 'bad'])
    expect(await told({'GET /api/v1/indexer': [{id: 7, name: '1337x', tags: [5]}]})).toEqual(['good', 'good', 'warn'])
    expect(await told({'GET /api/v1/indexerproxy': [{...proxy, fields: []}]})).toEqual(['good', 'unknown', 'good'])
    expect(await told({}, 'flaresolverr')).toEqual(['good', 'unknown', 'good'])
    const complaint = [{type: 'error', source: 'IndexerProxyCheck', message: 'All proxies are unavailable'}]
    expect(await told({'GET /api/v1/health': complaint})).toEqual(['good', 'bad', 'good', 'good'])
    expect(await told({'GET /api/v1/health': undefined})).toEqual(['good', 'unknown', 'good', 'good'])
  })
})

it('Seerr that does not answer its test is not known to fail it', async () => {
  const {ask} = asked({'GET /api/v1/settings/sonarr': [{name: 'Sonarr', hostname: 'gluetun', port: 8989}]})
  expect((await seerrTo(app('seerr'), 'sonarr', ask)).findings.map(({is}) => is)).toEqual(['unknown'])
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
    expect(await readKey('sonarr', await withFile('config.xml', '<Config>\n  <ApiKey>abc-1</ApiKey>\n</Config>'), 5_000)).toEqual({
      key: 'abc-1',
    })
    const yaml = "addic7ed:\n  apikey: wrong\nauth:\n  apikey: 'right1'\n  type: null\nsonarr:\n  apikey: wrong2\n"
    expect(await readKey('bazarr', await withFile('config/config.yaml', yaml), 5_000)).toEqual({key: 'right1'})
    expect(await readKey('seerr', await withFile('settings.json', '{"main": {"apiKey": "k"}}'), 5_000)).toEqual({key: 'k'})
    expect(await readKey('flaresolverr', '/nowhere', 5_000)).toEqual({key: ''})
  })

  it('that is not there is told with its file', async () => {
    const folder = await withFile('config.xml', '<Config/>')
    expect(await readKey('radarr', folder, 5_000)).toEqual({missing: `there is no API key in ${folder}/config.xml`})
    const pipe = path.join(folder, 'settings.json')
    await execa('mkfifo', [pipe])
    expect(await readKey('seerr', folder, 100)).toEqual({missing: `${pipe} does not answer: its disk hangs, or it is no file`})
    await rm(pipe)
    expect(await readKey('seerr', folder, 5_000)).toEqual({missing: `${folder}/settings.json is missing: has seerr ever run?`})
    expect(await readKey('seerr', await withFile('settings.json', '{'), 5_000)).toMatchObject({
      missing: expect.stringContaining('no API key') as string,
    })
  })
})
