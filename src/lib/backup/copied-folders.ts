import type {Engine} from '../docker/engine.js'
import type {DeclaredService} from '../model/stack.js'
import {refusal} from '../util/errors.js'
import {requireWritable} from '../storage/may-write.js'

/** What of a service is copied before its update: folders of this machine, and in words what is not, and why. */
export type CopiedFolders = {readonly folders: readonly string[]; readonly notCopied: readonly string[]}

export const NO_FOLDERS: CopiedFolders = {folders: [], notCopied: []}

type Access = {readonly engine: Pick<Engine, 'volume'>; readonly isRoot: boolean; readonly mayWrite?: boolean}

/**
 * Where a service's paths are on this machine: folders that it has mounted, and volumes of Docker's own, which only root may
 * read. @param paths In the container.
 * @param access `mayWrite: false`: where they are, whoever may write them; else a volume counts only where this process may write it.
 */
export async function copiedFolders(
  service: DeclaredService | undefined,
  paths: readonly string[],
  {engine, isRoot, mayWrite = true}: Access,
): Promise<CopiedFolders> {
  const isWanted = ({target}: {readonly target: string}): boolean => paths.includes(target.replace(/(?<=.)\/$/, ''))
  const binds = (service?.binds ?? []).filter(isWanted)
  const volumes = (service?.volumes ?? []).filter(isWanted)
  const name = service?.name ?? 'the service'
  if (binds.length + volumes.length === 0)
    return {folders: [], notCopied: [`no folder or volume is mounted at ${paths.join(', ')} of ${name}`]}
  const places = await Promise.all(
    volumes.map(async (volume) => {
      const place = isRoot ? await placeOf(volume.name, engine, mayWrite) : {unreachable: 'only root may read it: run homelab with sudo'}
      return 'folder' in place ? place : {unreachable: `the volume ${volume.name} at ${volume.target} of ${name}: ${place.unreachable}`}
    }),
  )
  return {
    folders: [...binds.map(({source}) => source), ...places.flatMap((place) => ('folder' in place ? [place.folder] : []))],
    notCopied: places.flatMap((place) => ('folder' in place ? [] : [place.unreachable])),
  }
}

async function placeOf(name: string, engine: Pick<Engine, 'volume'>, mayWrite: boolean): Promise<{folder: string} | {unreachable: string}> {
  const place = await engine.volume(name, new AbortController().signal)
  if (place === undefined) return {unreachable: 'there is no such volume yet'}
  if ('unreachable' in place || !mayWrite) return place
  // A daemon on another machine has it there.
  const trouble = await requireWritable(place.folder).then(
    () => undefined,
    (error: unknown) => refusal(error),
  )
  return trouble === undefined ? {folder: place.folder} : {unreachable: trouble}
}
