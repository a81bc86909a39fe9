import {readFileSync, readlinkSync} from 'node:fs'

/**
 * The network namespace of a process, as the kernel names it: "net:[4026532301]". Two names that were read at one moment
 * tell whether two processes share it; a name that is remembered tells nothing, as the kernel uses it again.
 * @returns undefined where it cannot be seen: without the right, or if Docker runs on another machine.
 */
export function networkNamespace(pid: number, container: string): string | undefined {
  if (pid === 0) return undefined
  try {
    // Of another machine's Docker the pid would be some process of ours; the control group tells whose it is.
    if (!readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(container)) return undefined
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return undefined
  }
}
