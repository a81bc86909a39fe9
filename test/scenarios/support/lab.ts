import {afterAll, beforeAll, expect, inject} from 'vitest'
import {createLab, type Lab} from '../../lab/lab.js'
import {knownRegistry, type Registry} from '../../lab/registry.js'
import {imageMaker} from '../../lab/stand-ins.js'
import {ROOT} from '../../lab/workshop.js'
import {docker} from './docker.js'
import {hasten} from './settings.js'

/**
 * A lab for the tests of one file, removed after them, also when they fail.
 * @param through What its images are fetched through, instead of the registry itself.
 */
export function useLab(through: (registry: Registry) => Promise<Registry> = (registry) => Promise.resolve(registry)): () => Lab {
  let lab: Lab | undefined
  beforeAll(async () => {
    lab = await createLab({
      root: ROOT,
      registry: await through(knownRegistry(inject('registry'))),
      makeImage: await imageMaker(inject('busybox')),
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
    docker('images', '--format', '{{.Repository}}:{{.Tag}}'),
  ])
  return listed.flatMap((lines) => lines.split('\n').filter((name) => name.includes(id)))
}
