import {describe, expect, it} from 'vitest'
import {wudLoginDiagnoses} from '../../../src/lib/doctor/wud-login.js'
import {aStack} from '../../support/unit/stack.js'

const HASH = '$apr1$8zDVtSAY$62WBh9DspNbUKMZXYRsjS/'
const services = [aStack({whatsupdocker: {image: 'getwud/wud:8.3.1'}}, 'services')]
const lines = (variables: Record<string, string>, catchesUp = false): string[] =>
  wudLoginDiagnoses(services, variables, catchesUp).map(({is, says}) => `${is}: ${says}`)

describe('the login of What’s Up Docker', () => {
  it('is missing in an older .env: told, with what to type; bad only where the port is open to others', () => {
    expect(lines({})).toEqual([expect.stringMatching(/^warn: it has no login/)])
    expect(lines({WUD_BIND: '127.0.0.1'})).toEqual([expect.stringMatching(/^warn: /)])
    expect(lines({WUD_BIND: '0.0.0.0'})).toEqual([expect.stringMatching(/^bad: it has no login, and WUD_BIND=0\.0\.0\.0/)])
    const next = wudLoginDiagnoses(services, {}, false)[0]?.next ?? []
    expect(next.join('\n')).toContain('homelab stack services up whatsupdocker')
  })

  it('is a hash whose $ Compose has not taken for variables', () => {
    expect(lines({WUD_PASSWORD: 'p', WUD_PASSWORD_HASH: HASH})).toEqual([expect.stringMatching(/^good: /)])
    // What is left of it in double quotes, or in none.
    expect(lines({WUD_PASSWORD: 'p', WUD_PASSWORD_HASH: '/'})).toEqual([expect.stringMatching(/^bad: WUD_PASSWORD_HASH .*single quotes/)])
  })

  it('has its password, where homelab itself asks it', () => {
    expect(lines({WUD_PASSWORD_HASH: HASH}, true)).toEqual([expect.stringMatching(/^bad: WUD_PASSWORD is not set/)])
    expect(lines({WUD_PASSWORD_HASH: HASH}, false)).toEqual([expect.stringMatching(/^good: /)])
    expect(lines({WUD_PASSWORD_HASH: HASH, WUD_PASSWORD: 'a:b'}, true)).toEqual([expect.stringMatching(/^bad: WUD_PASSWORD .*colon/)])
  })

  it('is nobody’s business where no stack has What’s Up Docker', () => {
    expect(wudLoginDiagnoses([aStack({plex: {}})], {}, true)).toEqual([])
  })
})
