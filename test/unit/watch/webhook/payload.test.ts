import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {BadPayload, parseAnnouncements} from '../../../../src/lib/watch/webhook/payload.js'

const file = (name: string): Buffer => readFileSync(new URL(`payloads/${name}.json`, import.meta.url))
const parse = (value: unknown) => parseAnnouncements(Buffer.from(JSON.stringify(value)))
const DIGEST = `sha256:${'a'.repeat(64)}`
const WUD = {name: 'sonarr', updateAvailable: true, updateKind: {kind: 'digest'}}

describe('what What’s Up Docker posts, as it was recorded', () => {
  it('a new digest of the same tag', () => {
    expect(parseAnnouncements(file('simple-digest'))).toEqual([
      {
        form: 'wud',
        containerId: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        name: expect.any(String) as string,
        labels: {project: expect.stringMatching(/^homelab-/) as string, service: expect.any(String) as string},
        change: {kind: 'digest', digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string},
        updateAvailable: true,
      },
    ])
  })

  it.each(['simple-tag-minor', 'simple-tag-major'])('another tag: %s', (name) => {
    const [announced] = parseAnnouncements(file(name))
    expect(announced?.change).toMatchObject({kind: 'tag', tag: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string})
    expect(announced?.updateAvailable).toBe(true)
  })

  it('a batch: each of its entries, and no secret that its labels or links may hold', () => {
    const raw = JSON.parse(file('batch').toString()) as {name: string}[]
    const found = parseAnnouncements(file('batch'))
    expect(found.map(({name}) => name)).toEqual(raw.map(({name}) => name))
    for (const one of found)
      expect(
        Object.keys(one).filter(
          (key) => !['form', 'containerId', 'name', 'labels', 'change', 'imageCreatedAt', 'updateAvailable'].includes(key),
        ),
      ).toEqual([])
  })
})

describe('what a script posts', () => {
  it('means what its tag names now, or another tag', () => {
    expect(parse({container: '/homelab-torrent-sonarr-1', image: 'sonarr'})).toEqual([
      {form: 'script', name: 'homelab-torrent-sonarr-1', change: {kind: 'digest', digest: undefined}, updateAvailable: true},
    ])
    expect(parse({container: 'sonarr', tag: '2.15.1'})[0]?.change).toEqual({kind: 'tag', tag: '2.15.1'})
  })
})

describe('what is refused, and where it is wrong', () => {
  it.each<[unknown, RegExp]>([
    [[], /the array is empty/],
    [Array.from({length: 501}, () => WUD), /more than 500 entries/],
    [[WUD, 'sonarr'], /^\[1\] is no object/],
    [[WUD, {...WUD, name: 'x'.repeat(256)}], /^\[1\]\.name: /],
    [{...WUD, updateAvailable: 'yes'}, /^updateAvailable: /],
    [{...WUD, updateKind: {kind: 'other'}}, /^updateKind\.kind: /],
    [{...WUD, updateKind: {kind: 'tag'}}, /^result\.tag: is missing/],
    [{...WUD, updateKind: {kind: 'tag', remoteValue: '; rm -rf /'}}, /^result\.tag: is missing/],
    [{...WUD, result: {tag: '--help'}}, /^result\.tag: is no tag/],
    [{...WUD, result: {digest: 'sha256:short'}}, /^result\.digest: is no digest/],
    [{container: 'sonarr', tag: 'a b'}, /^tag: is no tag/],
    [{container: 'sonarr', tag: '-x'}, /^tag: is no tag/],
    [{container: 'sonarr', tag: 'x'.repeat(129)}, /^tag: is no tag/],
    [{container: 'sonarr', tag: '2.0.0\n'}, /^tag: is no tag/],
  ])('%#', (value, message) => {
    expect(() => parse(value)).toThrow(BadPayload)
    expect(() => parse(value)).toThrow(message)
  })

  it('bytes that are no UTF-8', () => {
    expect(() => parseAnnouncements(Buffer.from([0x22, 0xff, 0x22]))).toThrow('the body is no JSON')
  })

  it('not: what has more than we read, or says nothing of an update', () => {
    expect(parse({...WUD, more: {deep: [1]}, updateAvailable: false, updateKind: {kind: 'unknown'}})[0]).toMatchObject({
      updateAvailable: false,
      change: {kind: 'digest', digest: undefined},
    })
    expect(parse({...WUD, updateKind: {kind: 'digest', remoteValue: DIGEST}})[0]?.change).toEqual({kind: 'digest', digest: DIGEST})
  })
})
