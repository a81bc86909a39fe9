/**
 * What happens when stdout or stderr cannot be written to any more: `| head` (EPIPE), a terminal that is gone (EIO), a file on a
 * full disk (ENOSPC). In place of whoever was to be told before: @oclif/core's own listener throws all but EPIPE (its
 * command.ts), which ends the process in the middle of its work.
 */
export function onLostReader(tell: (error: NodeJS.ErrnoException) => void): void {
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error').on('error', tell)
}
