import {execFile} from 'node:child_process'
import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {expect, it} from 'vitest'
import {tempFolder} from '../support/unit/temp-folder.js'

const PROGRAM = path.resolve(import.meta.dirname, '../../bin/run.cjs')

/** A program under a Node that says it is of that version. */
async function run(program: string, version: string, ...args: string[]): Promise<{code: unknown; stdout: string; stderr: string}> {
  const preload = path.join(await tempFolder(), 'version.cjs')
  await writeFile(preload, `Object.defineProperty(process, 'versions', {value: {...process.versions, node: '${version}'}})`)
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['--require', preload, program, ...args], (_, stdout, stderr) => {
      resolve({code: child.exitCode, stdout, stderr})
    })
  })
}

const under = (version: string, ...args: string[]) => run(PROGRAM, version, ...args)

it.each(['12.22.12', '18.20.4', '20.18.9'])('a Node that is too old (%s) gets one line, and 78', async (version) => {
  const line = `homelab needs Node 20.19.0 or newer, and this is ${version}, ${process.execPath}\n`
  for (const words of [['--version'], ['health'], ['watch']])
    expect(await under(version, ...words)).toEqual({code: 78, stdout: '', stderr: line})
})

it.each(['20.19.0', '24.1.0'])('one that is new enough (%s) does not', async (version) => {
  const {code, stdout, stderr} = await under(version, '--version')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^homelab\//)
})

it('what is typed before it is built says the same, and what to install', async () => {
  const script = path.resolve(import.meta.dirname, '../../scripts/require-node.cjs')
  const refused = await run(script, '18.20.4')
  expect([refused.code, refused.stderr.split('\n')[0]]).toEqual([
    78,
    `homelab needs Node 20.19.0 or newer, and this is 18.20.4, ${process.execPath}`,
  ])
  expect(refused.stderr).toMatch(/npm install --global node@24\n$/)
  expect(await run(script, '20.19.0')).toEqual({code: 0, stdout: '', stderr: ''})
})
