import path from 'node:path'
import {openWorkshop, ROOT} from '../lab/workshop.js'
import {interleave, row, type Row, type Timed} from './measure.js'

const ROUNDS = 25
const STATUS_MAY_ADD_MS = 100
/** `docker compose version` against `node -e 0`, as measured when the reach of 2.6 × `node -e 0` was set. */
const COMPOSE_VERSION_RATIO = 2.3

/** What a command costs before it does anything, and `status` against the docker command that it stands for. */
export async function benchCli(): Promise<Row[]> {
  const workshop = await openWorkshop()
  const lab = await workshop.lab()
  try {
    const up = await lab.homelab(['stack', 'torrent', 'up'])
    if (up.exitCode !== 0) throw new Error(`the lab did not come up:\n${String(up.all)}`)
    const medians = await interleave(commands(lab.home), ROUNDS)
    const ps = medians.get('docker compose ps') ?? NaN
    return [
      row(medians, 'homelab --version', 'node -e 0', 1.5),
      row(medians, 'homelab stack list', 'node -e 0', 2.6),
      row(medians, 'homelab stack list', 'docker compose version', 2.6 / COMPOSE_VERSION_RATIO),
      row(medians, 'homelab stack torrent status', 'docker compose ps', (ps + STATUS_MAY_ADD_MS) / ps),
    ]
  } finally {
    await lab.destroy()
    await workshop.close()
  }
}

function commands(home: string): Timed[] {
  // It costs each start of Node 20 some 40 ms, and a homelab has no use for it.
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    HOMELAB_HOME: home,
    HOMELAB_STATE: path.join(home, 'state'),
    NODE_EXTRA_CA_CERTS: undefined,
  }
  const compose = path.join(home, 'compose')
  const files = ['-f', path.join(compose, 'torrent.yml'), '-f', path.join(compose, 'torrent.override.yml')]
  const homelab = (...args: string[]): Timed => ({
    name: `homelab ${args.join(' ')}`,
    file: process.execPath,
    args: [path.join(ROOT, 'bin/run.cjs'), ...args],
    env,
  })
  return [
    {name: 'node -e 0', file: process.execPath, args: ['-e', '0'], env},
    homelab('--version'),
    homelab('stack', 'list'),
    {name: 'docker compose version', file: 'docker', args: ['compose', 'version'], env},
    homelab('stack', 'torrent', 'status'),
    {name: 'docker compose ps', file: 'docker', args: ['compose', '--project-directory', compose, ...files, 'ps'], env},
  ]
}
