import {commandLine, unitWord} from './quote.js'
import {sandbox} from './sandbox.js'
import {ROOT, type UnitSettings} from './settings.js'

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
