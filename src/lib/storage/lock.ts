import {spawn} from 'node:child_process'
import {chmod, mkdir, open, readFile, type FileHandle} from 'node:fs/promises'
import path from 'node:path'
import {exitCode, OperatorError, refusal} from '../util/errors.js'

type LockOptions = {
  /** What the holder does, as it would be typed: "homelab stack torrent update". */
  readonly doing: string
  /** Seconds to wait for another holder; 0: not at all. */
  readonly wait: number
  readonly signal: AbortSignal
  /** Told once, if there is somebody to wait for. */
  readonly onWait: (holder: string) => void
  readonly now: () => Date
  /** On a disk without room for the lock's file its folder is locked instead: for what has to be done all the same, and holds no second lock of these. */
  readonly orFolder?: true
}

/**
 * Runs `work` while holding the lock `file`. flock(1) takes it on our open file, which it inherits; the kernel takes it
 * back at once when we die, however we die. So there is no stale lock to find, and no age to guess.
 * @throws OperatorError (75) if the wait runs out; whatever `work` throws.
 */
export async function withLock<T>(file: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const handle = await openLock(file, options)
  try {
    await acquire(handle, file, options)
    await sign(handle, options)
    return await work()
  } finally {
    await handle.close()
  }
}

/** @returns In words, who holds the lock `file`; undefined: nothing does. It is not waited for, and not left held. */
export async function holderOf(file: string): Promise<string | undefined> {
  let handle: FileHandle
  try {
    handle = await open(file, 'r')
  } catch {
    // It was never taken; or it is another user's, which is no holder that is known.
    return undefined
  }
  try {
    return (await flock(handle, 0, new AbortController().signal)) ? undefined : nameOf(await readFile(file, 'utf8'))
  } finally {
    await handle.close()
  }
}

/** Who signed it last, if that one still runs: a lock may be held by what a dead one has started, or by no homelab at all. */
function nameOf(signature: string): string {
  const pid = /\(pid (\d+), /.exec(signature)?.[1]
  if (signature !== '' && (pid === undefined || isAlive(Number(pid)))) return signature
  return pid === undefined ? 'another homelab command' : `a process that is not known; ${signature} has ended`
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** For who finds it held. On a disk that cannot be written nobody learns the name; the lock holds without. */
async function sign(handle: FileHandle, {doing, now}: LockOptions): Promise<void> {
  try {
    await handle.truncate()
    await handle.write(`${doing} (pid ${process.pid}, since ${now().toISOString()})`, 0)
  } catch (error) {
    if (!isUnwritable(error)) throw error
  }
}

/**
 * No room, or a file system that went read-only. EINVAL and EBADF are a folder's, or a file's that was opened for reading; ENOENT
 * is what Node's recursive mkdir makes of ENOSPC (seen on Node 20, a tmpfs without inodes).
 */
const isUnwritable = (error: unknown): boolean => UNWRITABLE.has((error as NodeJS.ErrnoException).code ?? '')
const UNWRITABLE = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EINVAL', 'EBADF', 'ENOENT'])

async function openLock(file: string, {orFolder}: LockOptions): Promise<FileHandle> {
  try {
    const folder = path.dirname(file)
    await mkdir(path.dirname(folder), {recursive: true, mode: 0o755})
    await mkdir(folder, {recursive: true, mode: 0o700})
    // Not 'a': an appending descriptor could not write the holder over the last one's.
    const handle = await open(file, 'r+').catch(() => open(file, 'w+', 0o600))
    await Promise.all([keepPrivate(handle, 0o600), chmod(folder, 0o700).catch(ofAnother)])
    return handle
  } catch (error) {
    const instead = orFolder && isUnwritable(error) ? await openExisting(file) : undefined
    if (instead !== undefined) return instead
    throw new OperatorError(`The lock ${file} cannot be opened: ${refusal(error)}`, {
      exitCode: exitCode.configuration,
      next: ['Run the command with sudo, or choose another state folder: HOMELAB_STATE=<folder>'],
    })
  }
}

/** flock(2) asks for no right to write: whoever can open the file, also for reading, can hold it for ever. */
async function keepPrivate(handle: FileHandle, mode: number): Promise<void> {
  if (((await handle.stat()).mode & 0o777) !== mode) await handle.chmod(mode).catch(ofAnother)
}

/** It belongs to somebody else, or the disk cannot be written: as private as it is. */
function ofAnother(error: unknown): void {
  if (!isUnwritable(error) && (error as NodeJS.ErrnoException).code !== 'EPERM') throw error
}

/**
 * The lock of a disk that has no room for its file: that file, read-only, or its folder, or the one above. flock(2) asks for no
 * more than an open file; everybody who has the same trouble takes the same one.
 */
async function openExisting(file: string): Promise<FileHandle | undefined> {
  for (const there of [file, path.dirname(file), path.dirname(path.dirname(file))]) {
    const handle = await open(there, 'r').catch(() => undefined)
    if (handle !== undefined) return handle
  }
  return undefined
}

async function acquire(handle: FileHandle, file: string, {wait, signal, onWait}: LockOptions): Promise<void> {
  if (await flock(handle, 0, signal)) return
  const holder = nameOf(await readFile(file, 'utf8').catch(() => ''))
  if (wait > 0) {
    onWait(holder)
    if (await flock(handle, wait, signal)) return
  }
  signal.throwIfAborted()
  throw new OperatorError(`The stack is busy: ${holder}.`, {
    exitCode: exitCode.busy,
    next: ['Try again when it is done, or wait longer for it: --wait <seconds>'],
  })
}

/** @returns whether we have it; false after `wait` seconds, or when the signal fires. */
function flock(handle: FileHandle, wait: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const args = wait === 0 ? ['--nonblock'] : ['--timeout', String(wait)]
    const child = spawn('flock', [...args, '--exclusive', '3'], {stdio: ['ignore', 'ignore', 'ignore', handle.fd]})
    const stop = (): void => void child.kill()
    signal.addEventListener('abort', stop, {once: true})
    child.once('error', reject)
    child.once('exit', (code) => {
      signal.removeEventListener('abort', stop)
      resolve(code === 0)
    })
  })
}

type Options = {
  /** What the holder does, for who has to wait: "homelab keeps an image out". */
  readonly doing: string
  /** What is locked, as the subject of a sentence: "The list of rejected images". */
  readonly what: string
  /** Seconds to wait for another holder, who takes milliseconds. */
  readonly wait: number
  readonly now: () => Date
}

/**
 * Runs `work` while no other process, and nothing else in this one, holds the lock `file`.
 * @throws OperatorError (75) if the wait runs out, (78) if the lock cannot be opened; whatever `work` throws.
 */
export async function exclusively<T>(file: string, {doing, what, wait, now}: Options, work: () => Promise<T>): Promise<T> {
  const progress = {begun: false}
  const options = {doing, wait, signal: new AbortController().signal, onWait() {}, now}
  try {
    return await withLock(file, options, () => {
      progress.begun = true
      return work()
    })
  } catch (error) {
    if (progress.begun || !(error instanceof OperatorError) || error.exitCode !== exitCode.busy) throw error
    throw new OperatorError(`${what} is in use: ${file} has been held for more than ${wait} seconds.`, {
      exitCode: exitCode.busy,
      next: [`See who holds it: cat ${file}`],
      cause: error,
    })
  }
}
