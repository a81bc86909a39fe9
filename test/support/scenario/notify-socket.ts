import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

/** Stands in for systemd's end of sd_notify(3). */
export type NotifySocket = {
  /** For NOTIFY_SOCKET. */
  readonly path: string
  /** What has arrived, a variable a line: "READY=1", "STATUS=…", "MAINPID=…", "BARRIER=1". */
  lines(): string[]
  /** @throws Error with what did arrive if the line is not among it after `limitMs`. */
  waitFor(line: string, limitMs?: number): Promise<void>
  close(): Promise<void>
}

/**
 * Node has no Unix datagram sockets; perl is essential on Debian. It takes no file descriptors along with a message, so
 * the kernel closes the one of BARRIER=1 at once, which is the answer that systemd-notify waits for.
 */
const RECEIVER = `
  socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
  bind($socket, pack_sockaddr_un($ARGV[0])) or die "bind: $!";
  $| = 1;
  print "\\n";
  while (defined recv($socket, my $message, 65536, 0)) { chomp $message; print "$message\\n" }
`

export async function notifySocket(): Promise<NotifySocket> {
  const folder = await mkdtemp(path.join(tmpdir(), 'homelab-notify-'))
  const file = path.join(folder, 'notify')
  const child = spawn('perl', ['-MSocket', '-e', RECEIVER, file], {stdio: ['ignore', 'pipe', 'inherit']})
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more))
  const ended = once(child, 'exit')
  // Its first line is empty, and says that the socket is there.
  await Promise.race([once(child.stdout, 'data'), ended.then(() => Promise.reject(new Error('perl opened no socket')))])
  const lines = (): string[] =>
    text
      .split('\n')
      .slice(0, -1)
      .filter((line) => line !== '')
  return {
    path: file,
    lines,
    async waitFor(line, limitMs = 5_000) {
      for (const until = Date.now() + limitMs; !lines().includes(line); await sleep(20))
        if (Date.now() > until) throw new Error(`systemd was not told ${line}, but:\n${lines().join('\n')}`)
    },
    async close() {
      child.kill()
      await ended
      await rm(folder, {recursive: true, force: true})
    },
  }
}
