import {mkdir, mkdtemp, rm, symlink} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {createLab, type Lab} from './lab.js'
import {startRegistry, type Registry} from './registry.js'
import {imageMaker, type ImageMaker} from './stand-ins.js'
import {findTools} from './tools.js'

/** What several labs share: the registry, and who makes its images. */
export type Workshop = {
  readonly registry: Registry
  readonly makeImage: ImageMaker
  readonly busybox: string
  lab(): Promise<Lab>
  /** Ends the registry; labs are destroyed by who created them. */
  close(): Promise<void>
}

export const ROOT = path.resolve(import.meta.dirname, '..', '..')

/**
 * The built program by its name, as the README installs it: a link. A shell and cron start it by its first line, which asks PATH for
 * Node. It is there when a workshop is open.
 */
export const programOf = (root = ROOT): string => path.join(root, '.lab', 'bin', 'homelab')

/** @param root The checkout whose Compose files and built program the labs use. */
export async function openWorkshop(root = ROOT): Promise<Workshop> {
  const tools = await findTools(path.join(root, '.lab', 'tools'))
  await linkProgram(root)
  const folder = await mkdtemp(path.join(tmpdir(), 'homelab-registry-'))
  const registry = await startRegistry(tools.registry, folder)
  const makeImage = await imageMaker(tools.busybox).catch(async (error: unknown) => {
    await registry.stop()
    throw error
  })
  return {
    registry,
    makeImage,
    busybox: tools.busybox,
    lab: () => createLab({root, registry, makeImage}),
    close: async () => {
      await registry.stop()
      await rm(folder, {recursive: true, force: true})
    },
  }
}

async function linkProgram(root: string): Promise<void> {
  const link = programOf(root)
  await mkdir(path.dirname(link), {recursive: true})
  await symlink(path.relative(path.dirname(link), path.join(root, 'bin', 'run.cjs')), link).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  })
}
