import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {execa} from 'execa'
import {describe, expect, it} from 'vitest'
import {diagnoseEnvFile} from '../../../src/lib/config/env-file.js'
import {DEFAULTS, loadConfiguration} from '../../../src/lib/config/load.js'
import {findStacks} from '../../../src/lib/config/stacks.js'
import {exitCode} from '../../../src/lib/util/errors.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const MAKE = {
  pipe: (file: string) => execa('mkfifo', [file]),
  folder: (file: string) => mkdir(file),
} as const

describe.each(['pipe', 'folder'] as const)('a %s where a file is meant to be', (kind) => {
  const made = async (name: string): Promise<string> => {
    const file = path.join(await tempFolder(), name)
    await MAKE[kind](file)
    return file
  }

  it('homelab.yml is refused, and not waited for', async () => {
    const file = await made('homelab.yml')
    await expect(loadConfiguration(file)).rejects.toMatchObject({
      message: `The configuration file ${file} is no file.`,
      exitCode: exitCode.configuration,
      next: [`ls -ld ${file}`],
    })
  })

  it('.env is told, and not waited for', async () => {
    const file = await made('.env')
    expect(await diagnoseEnvFile(file)).toMatchObject({file: {variables: {}}, problem: {message: `${file} is no file.`}})
  })
})

it('a pipe beside the Compose files is no stack', async () => {
  const folder = await tempFolder()
  await Promise.all([execa('mkfifo', [path.join(folder, 'pipe.yml')]), writeFile(path.join(folder, 'one.yml'), 'services: {}\n')])
  expect((await findStacks(folder, DEFAULTS, [])).map(({name}) => name)).toEqual(['one'])
})
