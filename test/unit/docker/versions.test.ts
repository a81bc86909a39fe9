import {describe, expect, it} from 'vitest'
import {NEEDED, parseVersion, requireVersion} from '../../../src/lib/docker/versions.js'

describe('versions', () => {
  it.each([
    ['v2.26.1-4', [2, 26, 1]],
    ['26.1.5+dfsg1', [26, 1, 5]],
    ['2.40', [2, 40, 0]],
    ['dev', undefined],
  ])('reads %s', (text, version) => expect(parseVersion(text)).toEqual(version))

  it('refuses what is older, in any place', () => {
    expect(() => requireVersion('Docker Compose', '2.24.3', NEEDED.compose, 'docker-compose')).toThrow(
      'Docker Compose 2.24.3 is too old: the stacks need 2.24.4 or newer.',
    )
    expect(() => requireVersion('Docker Compose', '1.29.2', NEEDED.compose, 'docker-compose')).toThrow()
    expect(() => requireVersion('Docker Engine', '24.0.9', NEEDED.engine, 'docker.io')).toThrow()
  })

  it.each(['2.24.4', '2.25.0', '3.0.0', 'dev'])('lets through %s', (text) => {
    expect(() => requireVersion('Docker Compose', text, NEEDED.compose, 'docker-compose')).not.toThrow()
  })
})
