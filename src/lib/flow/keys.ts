import {access, constants} from 'node:fs/promises'
import path from 'node:path'
import {printed} from '../time/timely-program.js'

/** Where each application keeps its own API key, below its folder, and how it is written there. */
const KEYS: Readonly<Record<string, {readonly file: string; readonly read: (text: string) => string | undefined}>> = {
  // Servarr: https://wiki.servarr.com/sonarr/appdata-directory
  sonarr: {file: 'config.xml', read: xmlKey},
  radarr: {file: 'config.xml', read: xmlKey},
  prowlarr: {file: 'config.xml', read: xmlKey},
  bazarr: {file: 'config/config.yaml', read: (text) => /^auth:\n(?:[ \t]+.*\n)*?[ \t]+apikey:[ \t]*['"]?([\w-]+)/m.exec(text)?.[1]},
  seerr: {file: 'settings.json', read: jsonKey},
}

function xmlKey(text: string): string | undefined {
  return /<ApiKey>([\w-]+)<\/ApiKey>/.exec(text)?.[1]
}

function jsonKey(text: string): string | undefined {
  try {
    const {main} = JSON.parse(text) as {main?: {apiKey?: unknown}}
    return typeof main?.apiKey === 'string' ? main.apiKey : undefined
  } catch {
    return undefined
  }
}

/** A key, or why there is none. */
export type Key = {readonly key: string} | {readonly missing: string}

/** Larger than any of these files, in bytes. */
const MOST = 1_000_000

/** @param folder The application's own configuration folder. @param limit Milliseconds: its disk may hang. */
export async function readKey(service: string, folder: string, limit: number): Promise<Key> {
  const known = KEYS[service]
  if (known === undefined) return {key: ''}
  const file = path.join(folder, known.file)
  const {is, said} = await printed(['head', '-c', String(MOST), file], limit)
  if (is === 'late') return {missing: `${file} does not answer: its disk hangs, or it is no file`}
  if (said === '') return {missing: await whyNothing(service, file)}
  const key = known.read(`${said}\n`)
  return key === undefined ? {missing: `there is no API key in ${file}`} : {key}
}

async function whyNothing(service: string, file: string): Promise<string> {
  try {
    await access(file, constants.R_OK)
    return `there is no API key in ${file}`
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? `${file} is missing: has ${service} ever run?` : `${file} may not be read (${code}): try sudo`
  }
}
