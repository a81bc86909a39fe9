import {chmod, mkdir, mkdtemp} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {PRIVATE_DAEMON, privateDaemonLacks, startPrivateDaemon} from './private-daemon.js'
import {storeOfTests} from './image-store.js'
import {findTools} from './tools.js'
import {ROOT} from './workshop.js'

/**
 * `npm run scenarios:containerd`: scenarios that run, as a whole, where a private daemon runs: Docker, its published ports
 * and its process numbers are that daemon's, without a word in the scenarios. There is no way out to the internet in there.
 */

/** Those that a store of images can make fail. */
const FILES = ['update-']

async function runOnPrivateDaemon(words: readonly string[]): Promise<number> {
  const lacking = await privateDaemonLacks()
  if (lacking !== undefined) throw new Error(`A daemon of its own needs ${lacking}.`)
  await findTools(path.join(ROOT, '.lab', 'tools'))
  const folder = await mkdtemp(path.join(tmpdir(), PRIVATE_DAEMON))
  const daemon = await startPrivateDaemon(folder)
  try {
    // Labs of other runs have owners whose numbers mean other processes in there.
    const temporary = path.join(folder, 'tmp')
    await mkdir(temporary)
    // Some tests work as another user.
    await Promise.all([chmod(folder, 0o711), chmod(temporary, 0o1777)])
    const {stdout} = await daemon.inNetwork(['docker', 'info', '--format', '{{.Driver}} {{.DriverStatus}}'])
    console.log(`scenarios on a daemon of their own, image store ${storeOfTests(process.env)}: ${String(stdout)}`)
    const env = {TMPDIR: temporary, DOCKER_HOST: undefined, DOCKER_CONTEXT: undefined}
    // nsenter goes to the root of the file system.
    const vitest = [
      'env',
      `--chdir=${ROOT}`,
      process.execPath,
      path.join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      '-c',
      'vitest.scenarios.config.ts',
    ]
    const {exitCode} = await daemon.inNetwork([...vitest, ...argumentsOf(words)], {env, stdio: 'inherit', all: false})
    return exitCode ?? 1
  } finally {
    await daemon.remove()
  }
}

/** A name of files replaces ours. */
const argumentsOf = (words: readonly string[]): readonly string[] => (words[0]?.startsWith('-') === false ? words : [...FILES, ...words])

// A Ctrl-C ends vitest, and after it everything is removed.
process.on('SIGINT', () => undefined)
process.exitCode = await runOnPrivateDaemon(process.argv.slice(2))
