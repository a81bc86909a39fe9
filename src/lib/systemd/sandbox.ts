import {unitWord} from './quote.js'
import {ROOT, type UnitSettings} from './settings.js'

/** "-": one that is not there, as before the first `up`, keeps nobody from starting. */
const mayWrite = (folders: readonly string[]): string[] => folders.map((folder) => `ReadWritePaths=${unitWord(`-${folder}`)}`)

/**
 * Whoever speaks to Docker can become root, so this holds back mistakes rather than attackers. What is not here would
 * break something: MemoryDenyWriteExecute=, Node's compiler; ProtectProc= and ProcSubset=, the look into containers'
 * /proc/<pid>/ns/net; PrivateUsers= and PrivateNetwork=, the socket and the ports of Docker; RestrictSUIDSGID=, the copy of
 * a folder that hands its group on (chmod g+s). docs/decisions/0011.
 */
export const sandbox = (settings: Pick<UnitSettings, 'user' | 'state' | 'writable'>): string[] => [
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
