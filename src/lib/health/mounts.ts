import {readFile} from 'node:fs/promises'

/** The mount that a folder is on, by /proc/self/mountinfo: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
type Mount = {readonly point: string; readonly readOnly: boolean}

/** @returns undefined where the kernel does not tell. */
export async function mountOf(folder: string): Promise<Mount | undefined> {
  try {
    return mountIn(await readFile('/proc/self/mountinfo', 'utf8'), folder)
  } catch {
    return undefined
  }
}

/** The deepest mount above `folder`; of several at one point the last one counts. */
export function mountIn(text: string, folder: string): Mount | undefined {
  const mounts = text.split('\n').flatMap((line): Mount[] => {
    const [, , , , point, options = ''] = line.split(' ')
    // Of the file system too: one that the kernel made read-only after an error says so there.
    const [, superOptions = ''] = line.split(' - ').map((part) => part.split(' ').at(-1) ?? '')
    const readOnly = [options, superOptions].some((all) => all.split(',').includes('ro'))
    return point === undefined ? [] : [{point: unescaped(point), readOnly}]
  })
  const above = mounts.filter(({point}) => folder === point || folder.startsWith(point.endsWith('/') ? point : `${point}/`))
  return above.reduce<Mount | undefined>(
    (best, mount) => (best === undefined || mount.point.length >= best.point.length ? mount : best),
    undefined,
  )
}

/** Space, tab, newline and backslash stand as octal numbers. */
const unescaped = (text: string): string => text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))
