import {access, realpath} from 'node:fs/promises'
import path from 'node:path'
import {closure, fileOf} from './closure.js'
import type {File} from './oci-image.js'

const PLACES = ['/usr/sbin/iptables', '/sbin/iptables', '/usr/bin/iptables']
/** What `-j ACCEPT` is made of. */
const PLUGIN = 'xtables/libxt_standard.so'

/** This machine's iptables, which Docker cannot be without, for an image: `program` is where it lies in there. */
export async function iptables(): Promise<{program: string; files: File[]}> {
  const program = await realpath(await first(PLACES))
  const files = await closure(program)
  const folders = [...new Set(files.map((file) => `/usr/${path.dirname(file.path).replace(/^usr\//, '')}`))]
  return {program, files: [...files, await fileOf(await first(folders.map((folder) => path.join(folder, PLUGIN))))]}
}

/** @throws Error if there is none. */
async function first(files: readonly string[]): Promise<string> {
  for (const file of files) if (await isThere(file)) return file
  throw new Error(`There is none of ${files.join(', ')}`)
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )
