import {expect, it} from 'vitest'
import {versionStep} from '../../../src/lib/update/due.js'

it.each([
  ['2.14.0', '2.15.1', 'minor'],
  ['2.14.0', '2.14.1', 'patch'],
  ['1.0.0', '2.0.0', 'major'],
  ['v1.2.3', 'v1.2.4', 'patch'],
  ['4.2', '4.3', 'minor'],
  ['1.2.3-alpine', '1.2.4-alpine', 'patch'],
  ['1.2.3-alpine', '1.2.4', 'unknown'],
  ['version-1.2', 'version-1.3', 'minor'],
  ['4.0.1.929-ls123', '4.0.1.929-ls124', 'patch'],
  ['4.0.1.929-ls123', '4.0.2.1-ls1', 'patch'],
  ['1.2.3', '1.2.4-rc1', 'unknown'],
  ['1.2.3', '1.2.2', 'older'],
  ['1.2.3-beta', '1.2.4-beta', 'prerelease'],
  ['1.0.0-rc1', '2.0.0-rc1', 'prerelease'],
  ['1.2.3-rc1', '1.2.3', 'unknown'],
  ['1.2.3-nightly', '1.2.3-nightly', 'same'],
  ['2.0.0-nightly', '1.0.0-nightly', 'older'],
  ['1.2.3-beta-ls1', '1.2.3-beta-ls2', 'prerelease'],
  ['1.2.3-arch', '1.2.4-arch', 'patch'],
  ['1.2.3-express', '1.3.0-express', 'minor'],
  ['1.2.3-alpine3.19', '1.2.4-alpine3.20', 'unknown'],
  ['1.2.3', '1.2.3', 'same'],
  ['latest', '1.2.3', 'unknown'],
  ['8', '9', 'unknown'],
])('%s → %s is %s', (from, to, step) => expect(versionStep(from, to)).toBe(step))
