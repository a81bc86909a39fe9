import {configurationError} from '../util/errors.js'

/** The text of the unit. @throws OperatorError (78) for a path that a unit cannot hold. */
export const unitText = (settings: UnitSettings): string =>
  [...head(), '', '[Service]', ...service(settings), '', ...sandbox(settings), '', '[Install]', 'WantedBy=multi-user.target', ''].join('\n')

const head = (): string[] => [
  '# Written by `homelab systemd install`, which writes it anew. Settings of your own: systemctl edit homelab-watch',
  '[Unit]',
  'Description=homelab: keeps what lives behind a VPN gateway alive',
  '# Not Requires=: when Docker is restarted, the watcher waits for it and then looks after what came back.',
  'Wants=docker.service network-online.target',
  'After=docker.service network-online.target',
  '# However often it failed: a watcher that systemd has given up on is missed by nobody until it is needed.',
  'StartLimitIntervalSec=0',
]

/** Seconds. */
const START_S = 300

function service({node, program, home, config, state, context, user, stopSeconds}: UnitSettings): string[] {
  const variables = {HOMELAB_HOME: home, HOMELAB_CONFIG: config, HOMELAB_STATE: state}
  return [
    'Type=notify',
    '# It speaks through systemd-notify, which is a child.',
    'NotifyAccess=all',
    '# It is ready when it listens and has looked once, not when what it was at before is done: that takes seconds. A Docker',
    '# that hangs, or a tunnel that a killed command left down, may cost it minutes.',
    `TimeoutStartSec=${START_S}`,
    '# Longer without a word, and it is killed and started again.',
    'WatchdogSec=120',
    '# A watchdog ends it by SIGABRT, and a core dump would hold the secrets of .env.',
    'LimitCORE=0',
    `ExecStart=${commandLine([node, program, 'watch', ...(context === undefined ? [] : ['--context', context])])}`,
    ...Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [`Environment=${unitWord(`${name}=${value}`)}`])),
    ...identity(user),
    'SyslogIdentifier=homelab',
    '# 0: a stop that was asked for. 78 (configuration) and 2 (usage): a new start fails the same way until somebody acts.',
    'Restart=on-failure',
    'RestartPreventExitStatus=78 2',
    'RestartSec=10',
    '# A stop lets the container at hand come to its end; docker compose, its child, is not to hear of it. Twice the longest',
    '# stop_grace_period of the Compose files, and a minute.',
    `TimeoutStopSec=${stopSeconds}`,
    'KillMode=mixed',
    '# A docker compose that the kernel killed for its memory is a step that failed, not the end of the watcher.',
    'OOMPolicy=continue',
    'UMask=0077',
  ]
}

const identity = (user: string): string[] =>
  user === ROOT
    ? ["# Said, because HOME is set only with it: Docker's credentials and contexts are in ~/.docker.", 'User=root']
    : [`User=${user}`, '# Who may speak to Docker.', 'SupplementaryGroups=docker']

const PLAIN = /^[\w/.:@+,=-]+$/

/**
 * A value as one word of a unit file: `%` begins a specifier, backslash and quotes are escapes
 * (systemd.unit(5) "Specifiers", systemd.syntax(7) "Quoting").
 * @throws OperatorError (78) for a control character, which no path of a homelab needs and a line of a unit cannot hold.
 */
export function unitWord(value: string): string {
  if (/\p{Cc}/u.test(value)) throw configurationError(`${JSON.stringify(value)} holds a control character: systemd cannot be given it.`)
  return PLAIN.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`
}

/** What `unitWord` made a word of. */
export const readWord = (word: string): string =>
  word.startsWith('"') ? word.slice(1, -1).replaceAll('%%', '%').replace(/\\(.)/g, '$1') : word

/**
 * A command line for ExecStart=. `$` begins a variable in its arguments, yet not in the program's own path
 * (systemd.service(5) "Command lines").
 * @throws OperatorError (78) for a program with a quote or a backslash in its path: systemd starts none, however quoted.
 */
export function commandLine([program, ...words]: readonly [string, ...string[]]): string {
  if (/["'\\]/.test(program)) throw configurationError(`${program} has a quote or a backslash in its path: systemd does not start it.`)
  return [unitWord(program), ...words.map((word) => unitWord(word.replaceAll('$', '$$$$')))].join(' ')
}

/** "-": one that is not there, as before the first `up`, keeps nobody from starting. */
const mayWrite = (folders: readonly string[]): string[] => folders.map((folder) => `ReadWritePaths=${unitWord(`-${folder}`)}`)

/**
 * Whoever speaks to Docker can become root, so this holds back mistakes rather than attackers. What is not here would
 * break something: MemoryDenyWriteExecute=, Node's compiler; ProtectProc= and ProcSubset=, the look into containers'
 * /proc/<pid>/ns/net; PrivateUsers= and PrivateNetwork=, the socket and the ports of Docker; RestrictSUIDSGID=, the copy of
 * a folder that hands its group on (chmod g+s). docs/decisions/0011.
 */
const sandbox = (settings: Pick<UnitSettings, 'user' | 'state' | 'writable'>): string[] => [
  ...(settings.user === ROOT ? rootsFiles(settings) : othersFiles(settings)),
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'NoNewPrivileges=yes',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'LockPersonality=yes',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  "# Docker's socket, the network, and netlink, by which programs learn of the addresses of this machine.",
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  '# Newer programs ask for calls that an older list does not know; refused, they go on without. Killed, they would not.',
  'SystemCallErrorNumber=EPERM',
]

/** `state`: another state folder than systemd's own for this unit, /var/lib/homelab. */
const rootsFiles = ({state, writable}: Pick<UnitSettings, 'state' | 'writable'>): string[] => [
  "# Beside its state, what updates write: image pins, in the Compose files' folder; configurations that are put back from",
  '# their copies, and what a command before or after an update writes beside them. All else is only read, media too.',
  'ProtectSystem=strict',
  'ProtectHome=read-only',
  state === undefined ? 'StateDirectory=homelab' : `ReadWritePaths=${unitWord(state)}`,
  ...mayWrite(writable),
  "# To see which network a container's process is in (/proc/<pid>/ns/net), and to read a .env of another owner. To copy and",
  '# put back configurations as they were: whatever their owners (CHOWN), modes and times (FOWNER), groups that are handed',
  '# on (FSETID), and folders that root may not enter by their mode (DAC_OVERRIDE).',
  'CapabilityBoundingSet=CAP_SYS_PTRACE CAP_DAC_READ_SEARCH CAP_CHOWN CAP_FOWNER CAP_FSETID CAP_DAC_OVERRIDE',
]

const othersFiles = ({writable}: Pick<UnitSettings, 'writable'>): string[] => [
  "# Not strict, and the home folder stays writable: locks and journal are this user's own, in ~/.local/state/homelab, so",
  '# that the commands they type and the watcher wait for each other. What updates write is writable wherever it is.',
  'ProtectSystem=full',
  ...mayWrite(writable),
  'CapabilityBoundingSet=',
]

export const UNIT = 'homelab-watch.service'

export const ROOT = 'root'

/** What a unit is made of. All paths are absolute. */
export type UnitSettings = {
  /** The Node that runs `program`, which is homelab's own entry. */
  readonly node: string
  readonly program: string
  /** The folder of the homelab. */
  readonly home: string
  /** Its configuration file, if that is not the one in `home`. */
  readonly config?: string | undefined
  /** Where homelab keeps its state, if not where it does by itself. */
  readonly state?: string | undefined
  /** The Docker context to work on, if not the configured one. */
  readonly context?: string | undefined
  readonly user: string
  /** Folders that it writes, beside its state. */
  readonly writable: readonly string[]
  /** Seconds. */
  readonly stopSeconds: number
}
