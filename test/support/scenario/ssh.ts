import {cp, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {execa} from 'execa'
import {libraryPath, unpackedPackages, type Packages} from '../../lab/debian-packages.js'
import {freePorts} from '../../lab/free-ports.js'
import {ROOT} from '../../lab/workshop.js'

/** An SSH server on loopback, through which root of this machine can be reached with a key of its own. */
export type SshServer = {
  /** ssh://root@127.0.0.1:<port> */
  readonly url: string
  /** Put before PATH: an `ssh` that knows the server's key, as a person's own settings would. */
  readonly bin: string
  /** What the server wrote so far. */
  log(): string
  stop(): Promise<void>
}

const PACKAGES: Packages = {
  names: ['openssh-server', 'openssh-client'],
  libraries: true,
  complete: async (root) => {
    const env = {LD_LIBRARY_PATH: await libraryPath(root)}
    const programs = ['usr/sbin/sshd', 'usr/bin/ssh', 'usr/bin/ssh-keygen'].map((name) => path.join(root, name))
    const linked = await Promise.all(programs.map((program) => execa('ldd', [program], {env, reject: false})))
    return linked.every(({failed, stdout}) => !failed && !stdout.includes('not found'))
  },
}

/** Debian's own server, unpacked beside the checkout: nothing is installed, nothing of this machine changes. */
export async function startSshServer(): Promise<SshServer> {
  const root = await unpackedPackages(path.join(ROOT, '.lab', 'ssh'), PACKAGES)
  const folder = await mkdtemp(path.join(tmpdir(), 'homelab-ssh-'))
  const [port = 0] = await freePorts(1)
  await writeSettings(folder, port, root)
  const env = {LD_LIBRARY_PATH: await libraryPath(root)}
  const server = execa('unshare', ['--mount', 'sh', '-e', 'view.sh', path.join(root, 'usr/sbin/sshd')], {
    cwd: folder,
    env,
    reject: false,
    buffer: false,
  })
  let written = ''
  server.stderr.on('data', (chunk: Buffer) => (written += String(chunk)))
  const stop = async (): Promise<void> => {
    server.kill()
    await server
    await rm(folder, {recursive: true, force: true})
  }
  try {
    await listening(server.stderr, () => written)
  } catch (error) {
    await stop()
    throw error
  }
  return {url: `ssh://root@127.0.0.1:${port}`, bin: path.join(folder, 'bin'), log: () => written, stop}
}

async function listening(output: NodeJS.ReadableStream, written: () => string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    output.on('data', () => written().includes('Server listening') && resolve())
    output.once('end', () => reject(new Error(`sshd ended:\n${written()}`)))
  })
}

/** sshd as root insists on a user of its own and on /run/sshd; both exist in its own view of the file system only. */
const VIEW = `
mount --bind passwd /etc/passwd
mount --bind shadow /etc/shadow
mkdir run
mount -t tmpfs tmpfs run
mkdir run/sshd
touch run/docker.sock
mount --bind /run/docker.sock run/docker.sock
mount --rbind run /run
exec "$1" -D -e -f "$PWD/sshd_config"
`

async function writeSettings(folder: string, port: number, root: string): Promise<void> {
  const at = (name: string): string => path.join(folder, name)
  const own = path.join(root, 'usr/bin/ssh-keygen')
  for (const name of ['host', 'user']) await execa(own, ['-q', '-t', 'ed25519', '-N', '', '-C', 'homelab test', '-f', at(name)])
  await cp(at('user.pub'), at('authorized'))
  await writeFile(at('passwd'), `${await readFile('/etc/passwd', 'utf8')}sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n`)
  await writeFile(at('shadow'), 'root:*:19000:0:99999:7:::\n', {mode: 0o600})
  await writeFile(at('view.sh'), VIEW)
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    'LogLevel VERBOSE',
  ]
  await writeFile(at('sshd_config'), `${settings.join('\n')}\n`)
  const [type, key] = (await readFile(at('host.pub'), 'utf8')).split(' ')
  await writeFile(at('known_hosts'), `[127.0.0.1]:${port} ${type} ${key}\n`)
  await mkdir(at('bin'))
  const options = ['-F', 'none', '-i', at('user'), '-o', 'IdentitiesOnly=yes', '-o', `UserKnownHostsFile=${at('known_hosts')}`]
  await writeFile(at('bin/ssh'), `#!/bin/sh\nexec ${path.join(root, 'usr/bin/ssh')} ${options.join(' ')} "$@"\n`, {mode: 0o755})
}
