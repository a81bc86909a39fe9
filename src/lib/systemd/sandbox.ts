import {unitWord} from './quote.js'
import {ROOT, type UnitSettings} from './settings.js'

/**
 * Whoever speaks to Docker can become root, so this holds back mistakes rather than attackers. What is not here would
 * break something: MemoryDenyWriteExecute=, Node's compiler; ProtectProc= and ProcSubset=, the look into containers'
 * /proc/<pid>/ns/net; PrivateUsers= and PrivateNetwork=, the socket and the ports of Docker.
 */
export const sandbox = (settings: Pick<UnitSettings, 'user' | 'state'>): string[] => [
  ...(settings.user === ROOT ? rootsFiles(settings.state) : othersFiles()),
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
  'RestrictSUIDSGID=yes',
  "# Docker's socket, the network, and netlink, by which programs learn of the addresses of this machine.",
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  '# Newer programs ask for calls that an older list does not know; refused, they go on without. Killed, they would not.',
  'SystemCallErrorNumber=EPERM',
]

/** @param state Another state folder than systemd's own for this unit, /var/lib/homelab. */
const rootsFiles = (state: string | undefined): string[] => [
  "# Nothing but its state is written. The homelab's folder and ~/.docker may be in /home or /root, and are only read.",
  'ProtectSystem=strict',
  'ProtectHome=read-only',
  state === undefined ? 'StateDirectory=homelab' : `ReadWritePaths=${unitWord(state)}`,
  "# To see which network a container's process is in (/proc/<pid>/ns/net), and to read a .env of another owner.",
  'CapabilityBoundingSet=CAP_SYS_PTRACE CAP_DAC_READ_SEARCH',
]

const othersFiles = (): string[] => [
  "# Not strict, and the home folder stays writable: locks and journal are this user's own, in ~/.local/state/homelab, so",
  '# that the commands they type and the watcher wait for each other.',
  'ProtectSystem=full',
  'CapabilityBoundingSet=',
]
