import {spawn} from 'node:child_process'
import {text} from 'node:stream/consumers'

/** What a program printed; nothing if it failed. `late`: it was not at its end in time. */
type Printed = {readonly is: 'late' | 'done'; readonly said: string}

/**
 * Runs a program that looks at a file, for a process of its own: a disk that hangs holds a thread of ours for ever, and with it
 * our end.
 * @param limit Milliseconds.
 */
export function printed([file = '', ...args]: readonly string[], limit: number): Promise<Printed> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {stdio: ['ignore', 'pipe', 'ignore']})
    // What it says is cut off when it is left behind.
    const said = text(child.stdout).catch(() => '')
    const timer = setTimeout(() => {
      // One that hangs in the kernel cannot be killed: it is left behind, and does not keep us.
      child.kill('SIGKILL')
      child.stdout.destroy()
      child.unref()
      resolve({is: 'late', said: ''})
    }, limit)
    child.once('error', () => resolve({is: 'done', said: ''}))
    child.once('close', (code) => {
      clearTimeout(timer)
      void said.then((whole) => resolve({is: 'done', said: code === 0 ? whole.trim() : ''}))
    })
  })
}
