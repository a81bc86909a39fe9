import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import path from 'node:path'
import {buildSync} from 'esbuild'
import {afterAll} from 'vitest'

const LAB = path.resolve(import.meta.dirname, '../../../.lab')

/** A script of a test as one file that Node runs by itself: compiled once, and not by each process that runs it. Call it in a test file's body. */
export function bundled(script: string): string {
  mkdirSync(LAB, {recursive: true})
  // Here it finds the packages.
  const folder = mkdtempSync(path.join(LAB, 'script-'))
  afterAll(() => rmSync(folder, {recursive: true, force: true}))
  const outfile = path.join(folder, 'script.mjs')
  const options = {bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'error'} as const
  buildSync({...options, entryPoints: [script], outfile})
  return outfile
}
