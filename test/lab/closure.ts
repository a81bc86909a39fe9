import {readFile, realpath} from 'node:fs/promises'
import path from 'node:path'
import {execa} from 'execa'
import type {File} from './oci-image.js'

/**
 * A program and every library that it loads at its start, each where the program looks for it.
 * @throws Error that names those that are nowhere.
 */
export async function closure(program: string, env: Readonly<Record<string, string>> = {}): Promise<File[]> {
  const {stdout} = await execa('ldd', [program], {env})
  const missing = [...stdout.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1] ?? '')
  if (missing.length > 0) throw new Error(`${program} needs ${missing.join(', ')}`)
  // "libz.so.1 => /lib/libz.so.1 (0x…)", and the loader alone: "/lib64/ld-linux-x86-64.so.2 (0x…)".
  const libraries = [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map((match) => match[1] ?? '')
  return Promise.all([program, ...libraries].map(fileOf))
}

export async function fileOf(file: string): Promise<File> {
  return {path: path.relative('/', file), content: await readFile(await realpath(file))}
}
