import {spawn} from 'node:child_process'

/**
 * cp(1), which keeps owners, modes, links and holes, and lets a file system that can share the blocks: what Node's own does
 * not. `to` is replaced if it is a file, and must not be a folder. @throws Error with its first line.
 */
export function cp(from: string, to: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const argv = ['-a', '--reflink=auto', '--no-target-directory', '--', from, to]
    const child = spawn('cp', argv, {stdio: ['ignore', 'ignore', 'pipe'], signal})
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said = `${said}${String(chunk)}`.slice(0, 500)))
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(said.trim().split('\n')[0] || `cp ended with ${code}`))))
  })
}
