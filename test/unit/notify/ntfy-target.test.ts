import {describe, expect, it} from 'vitest'
import {ntfyTarget} from '../../../src/lib/notify/ntfy.js'

const refused = (name: string): unknown =>
  expect.objectContaining({exitCode: 78, message: expect.stringContaining(`${name} in compose/.env`) as string})

describe('the target of notifications', () => {
  it('is ntfy.sh unless .env says otherwise', () => {
    expect(ntfyTarget({NTFY_TOPIC: 'films', NTFY_TOKEN: ''})).toEqual({url: 'https://ntfy.sh', topic: 'films', token: undefined})
    expect(ntfyTarget({NTFY_URL: ' http://nas:8080/ ', NTFY_TOPIC: 'films', NTFY_TOKEN: 'tk_1'})).toEqual({
      url: 'http://nas:8080',
      topic: 'films',
      token: 'tk_1',
    })
  })

  it('is nowhere without a topic', () => {
    expect(ntfyTarget({})).toBeUndefined()
    expect(ntfyTarget({NTFY_TOPIC: ' ', NTFY_URL: 'nonsense'})).toBeUndefined()
  })

  it.each(['ntfy.sh', 'nas:8080', 'ftp://nas', 'https://ntfy.sh/films', 'https://me:pass@ntfy.sh', 'https://ntfy.sh?auth=x', 'https:///'])(
    'cannot be at %s',
    (url) => {
      const target = () => ntfyTarget({NTFY_URL: url, NTFY_TOPIC: 'films'})
      expect(target).toThrow(refused('NTFY_URL'))
      expect(target).not.toThrow(url)
    },
  )

  it('refuses what cannot be a topic or a token, without showing it', () => {
    expect(() => ntfyTarget({NTFY_TOPIC: 'my films'})).toThrow(refused('NTFY_TOPIC'))
    expect(() => ntfyTarget({NTFY_TOPIC: 'my films'})).not.toThrow('my films')
    expect(() => ntfyTarget({NTFY_TOPIC: 'films', NTFY_TOKEN: 'tk_ü'})).toThrow(refused('NTFY_TOKEN'))
  })
})
