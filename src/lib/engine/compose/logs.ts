import {execa} from 'execa'
import type {LogLine} from '../engine.js'
import type {Program} from './program.js'
import {spawnOptions} from './run.js'

/** As if Compose had been typed. @returns its exit code. */
export async function streamLogs(compose: Program, args: readonly string[], plain: boolean, cancelSignal: AbortSignal): Promise<number> {
  const options = {...spawnOptions(compose), reject: false, buffer: false, cancelSignal} as const
  const child = execa(compose.file, [...compose.prefix, ...args], {...options, stdio: ['ignore', plain ? 'pipe' : 'inherit', 'inherit']})
  if (plain) for await (const line of child) process.stdout.write(`${withoutErase(String(line))}\n`)
  const result = await child
  return cancelSignal.aborted ? 0 : (result.exitCode ?? 1)
}

export async function* readLogLines(compose: Program, args: readonly string[], cancelSignal: AbortSignal): AsyncGenerator<LogLine> {
  const child = execa(compose.file, [...compose.prefix, ...args], {...spawnOptions(compose), stdin: 'ignore', reject: false, buffer: false, cancelSignal})
  for await (const line of child) yield toLine(String(line))
  await child
}

/** "sonarr-1  | 2026-11-22T20:02:04.072123456Z the text" */
export function toLine(line: string): LogLine {
  const match = /^(.+)-\d+ +\| (\S+) ?(.*)$/.exec(withoutErase(line))
  return {service: match?.[1] ?? '', time: match?.[2] ?? '', text: match?.[3] ?? line}
}

/** Compose 2.26 begins lines with "erase the line" even when no terminal reads them (measured). */
const withoutErase = (line: string): string => line.replace(/^(\u001B\[2K|\r)+/, '')
