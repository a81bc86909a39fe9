import {afterAll, beforeAll, expect, inject} from 'vitest'
import {createLab, type Lab} from '../../lab/lab.js'
import {knownRegistry, type Registry} from '../../lab/registry.js'
import {imageMaker} from '../../lab/stand-ins.js'
import {ROOT} from '../../lab/workshop.js'
import {docker, images} from './docker.js'
import {hasten} from './settings.js'

type LabOptions = {
  /** What its images are fetched through, instead of the registry itself. */
  readonly through?: (registry: Registry) => Promise<Registry>
  /** Who of the torrent stack sits behind gluetun; all, if nothing is said. */
  readonly dependents?: readonly string[]
}

/** Behind gluetun, where more of the same would prove nothing. */
export const THREE = ['sonarr', 'radarr', 'bazarr'] as const

/** A lab for the tests of one file, removed after them, also when they fail. */
export function useLab({through = (registry) => Promise.resolve(registry), dependents}: LabOptions = {}): () => Lab {
  let lab: Lab | undefined
  beforeAll(async () => {
    lab = await createLab({
      root: ROOT,
      registry: await through(knownRegistry(inject('registry'))),
      makeImage: await imageMaker(inject('busybox')),
      dependents,
    })
    await hasten(lab)
  })
  afterAll(async () => {
    await lab?.destroy()
    if (lab !== undefined) expect(await leftOf(lab.id), 'what the lab has left behind').toEqual([])
  })
  return () => {
    if (lab === undefined) throw new Error('the lab is made in beforeAll; ask for it in a test')
    return lab
  }
}

/** Whatever of Docker's has the lab's name in its own. */
async function leftOf(id: string): Promise<string[]> {
  const listed = await Promise.all([
    docker('ps', '-a', '--format', '{{.Names}}'),
    docker('network', 'ls', '--format', '{{.Name}}'),
    docker('volume', 'ls', '--format', '{{.Name}}'),
    images('--format', '{{.Repository}}:{{.Tag}}'),
  ])
  return listed.flatMap((lines) => lines.split('\n').filter((name) => name.includes(id)))
}
