import {readFileSync} from 'node:fs'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {BadPayload, parseAnnouncements} from '../../src/lib/watch/webhook/payload.js'
import {aReceiver, AUTHORIZATION} from '../support/unit/receiver.js'

const recorded = ['simple-digest', 'simple-tag-minor', 'batch'].map(
  (name) => JSON.parse(readFileSync(new URL(`../unit/watch/webhook/payloads/${name}.json`, import.meta.url), 'utf8')) as unknown,
)

/** A recorded payload with one of its values, anywhere, replaced by any JSON, or left out. */
const mutated = fc
  .tuple(fc.constantFrom(...recorded), fc.array(fc.nat(), {minLength: 1, maxLength: 6}), fc.option(fc.jsonValue({maxDepth: 2})))
  .map(([payload, path, value]) => mutate(payload, path, value))

function mutate(payload: unknown, [step = 0, ...rest]: readonly number[], value: unknown): unknown {
  if (typeof payload !== 'object' || payload === null) return value
  const entries = Object.entries(payload)
  const index = entries.length === 0 ? -1 : step % entries.length
  const changed = entries.flatMap(([key, one], at): [string, unknown][] => {
    if (at !== index) return [[key, one]]
    if (rest.length > 0) return [[key, mutate(one, rest, value)]]
    return value === null ? [] : [[key, value]]
  })
  return Array.isArray(payload) ? changed.map(([, one]) => one) : Object.fromEntries(changed)
}

const scriptLike = fc.record(
  {container: fc.oneof(fc.string(), fc.jsonValue()), tag: fc.oneof(fc.string(), fc.jsonValue())},
  {requiredKeys: []},
)
const anyJson = fc.oneof(fc.jsonValue(), mutated, scriptLike, fc.array(fc.oneof(mutated, scriptLike), {maxLength: 4}))
const anyBody = fc.oneof(
  anyJson.map((value) => Buffer.from(JSON.stringify(value) ?? '')),
  fc.uint8Array({maxLength: 500}).map((bytes) => Buffer.from(bytes)),
  fc.string({unit: 'binary'}).map((text) => Buffer.from(text)),
)

const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^sha256:[0-9a-f]{64}$/

/** Whatever is understood may become part of an image reference, a file's line and a message. */
function expectValid({name, change}: ReturnType<typeof parseAnnouncements>[number]): void {
  expect(name.length).toBeLessThanOrEqual(255)
  if (change.kind === 'tag') expect(change.tag).toMatch(TAG)
  if (change.digest !== undefined) expect(change.digest).toMatch(DIGEST)
}

describe('the parser of announcements', () => {
  it('understands, or says what is wrong: whatever is posted', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        try {
          for (const announced of parseAnnouncements(body)) expectValid(announced)
        } catch (error) {
          if (!(error instanceof BadPayload)) throw error
          expect(error.message.length).toBeLessThan(500)
        }
      }),
      {numRuns: 3_000},
    )
  })
})

describe('the receiver', () => {
  it('answers any body with 202, 400, 404 or 413, takes only what is valid, and lives', async () => {
    const {ask, taken, log} = await aReceiver({body: 100_000})
    await fc.assert(
      fc.asyncProperty(anyBody, async (body) => {
        const before = taken.length
        const {status, text} = await ask({body})
        expect([202, 400, 404, 413]).toContain(status)
        expect(JSON.parse(text)).toBeTypeOf('object')
        if (status === 400 || status === 413) expect(taken).toHaveLength(before)
        for (const announced of taken.slice(before)) expectValid(announced)
      }),
      {numRuns: 500},
    )
    expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([])
  })

  it('answers any request line and any headers, and lives', async () => {
    const {raw, ask, log} = await aReceiver({body: 1_000})
    const token = fc.stringMatching(/^[A-Za-z]{1,10}$/)
    const target = fc.oneof(fc.webPath(), fc.string({unit: 'binary'}), fc.constantFrom('//x', '*', 'http://[', '/jobs/%', '/?a=%ff'))
    const head = fc
      .tuple(
        fc.oneof(token, fc.constantFrom('GET', 'POST')),
        target,
        fc.array(fc.tuple(token, fc.string({unit: 'binary'})), {maxLength: 4}),
      )
      .map(([method, path, headers]) =>
        [`${method} ${path} HTTP/1.1`, 'host: a', 'connection: close', ...headers.map(([name, value]) => `${name}: ${value}`), '', ''].join(
          '\r\n',
        ),
      )
    const bytes = fc.oneof(
      head.map((text) => Buffer.from(text, 'latin1')),
      fc.uint8Array({maxLength: 200}).map((some) => Buffer.concat([some, Buffer.from('\r\n\r\n')])),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (sent) => {
        const said = await raw(sent)
        expect(said).not.toMatch(/^HTTP\/1\.1 5/)
      }),
      {numRuns: 300},
    )
    expect((await ask({body: '{"container": "sonarr"}', headers: {authorization: AUTHORIZATION}})).status).toBe(202)
    expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([])
  }, 60_000)
})
