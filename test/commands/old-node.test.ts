import {execFile} from 'node:child_process'
import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {expect, it} from 'vitest'
import {tempFolder} from '../unit/support/temp-folder.js'

const PROGRAM = path.resolve(import.meta.dirname, '../../bin/run.cjs')

/** `homelab …` under a Node that says it is of that version. */
async function under(version: string, ...args: string[]): Promise<{code: unknown; stdout: string; stderr: string}> {
  const preload = path.join(await tempFolder(), 'version.cjs')
  await writeFile(preload, `Object.defineProperty(process, 'versions', {value: {...process.versions, node: '${version}'}})`)
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['--require', preload, PROGRAM, ...args], (_, stdout, stderr) => {
      resolve({code: child.exitCode, stdout, stderr})
    })
  })
}

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
