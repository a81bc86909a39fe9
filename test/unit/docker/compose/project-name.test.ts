import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {expect, it} from 'vitest'
import {projectWithoutName} from '../../../../src/lib/docker/compose/model.js'
import {tempFolder} from '../../../support/unit/temp-folder.js'

it.each([
  ['services:\n  web:\n    image: x\n', 'homelab-books'],
  ['services:\n  web:\n    name: x\n', 'homelab-books'],
  ['name: mine\nservices: {}\n', undefined],
  ['"name": mine\n', undefined],
])('names the project of a stack whose files do not: %j', async (text, expected) => {
  const file = path.join(await tempFolder(), 'books.yml')
  await writeFile(file, text)
  expect(await projectWithoutName({name: 'books', files: [file]}, 'homelab')).toBe(expected)
})
