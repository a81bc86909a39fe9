import path from 'node:path'
import type {DeclaredService} from '../model/stack.js'
import type {Place, World} from './snapshot.js'
import type {Owner, Step} from '../model/plan.js'
import {foldersOf, knownConfiguration} from './first-files.js'

/** Every path whose state decides what a first start of these services needs. Pure. */
export function firstStartPaths(services: readonly DeclaredService[], library: readonly string[]): string[] {
  const paths = services.flatMap((service) => {
    const folders = foldersOf(service)
    const known = knownConfiguration(service)
    return [
      ...(service.user === undefined ? [] : service.binds.map(({source}) => source)),
      ...(folders === undefined ? [] : [folders.settings, folders.media, ...library.map((name) => path.join(folders.media, name))]),
      ...(known === undefined ? [] : [known.file.path]),
    ]
  })
  return [...new Set(paths)]
}

/** Whom a plan may create: without a container as yet. */
export const withoutContainer = ({stack, observed}: World): DeclaredService[] =>
  [...stack.services.values()].filter(({name}) => !observed.containers.has(name))

/** The folders and configurations that these services need before they are created. Pure. */
export function firstStartSteps(world: World, names: readonly string[], library: readonly string[]): Step[] {
  const {host} = world
  if (host === undefined || 'elsewhere' in host) return []
  const services = names.flatMap((name) => world.stack.services.get(name) ?? [])
  const place = (at: string): Place => host.places.get(at) ?? 'unknown'
  const folders = new Map(services.flatMap((service) => wantedFolders(service, library, place)))
  return [...[...folders].map(([target, wanted]) => folderStep(target, wanted)), ...services.flatMap((one) => configureStep(one, place))]
}

/** What is not prepared because Docker is on another machine. */
export function elsewhereNotes({stack, host}: World, names: readonly string[]): string[] {
  if (host === undefined || !('elsewhere' in host)) return []
  const known = names.filter((name) => {
    const service = stack.services.get(name)
    return service !== undefined && knownConfiguration(service) !== undefined
  })
  if (known.length === 0) return []
  return [`Docker runs on ${host.elsewhere}: no first configuration of ${known.join(', ')} is written there. Run homelab on it, as by ssh`]
}

type Wanted = {readonly owner: Owner; readonly reason: string}

/** A service that Docker starts as a plain user can make none of its folders; at its very first start the library is made, too. */
function wantedFolders(service: DeclaredService, library: readonly string[], place: (at: string) => Place): [string, Wanted][] {
  const {owner, user, name, binds} = service
  if (owner === undefined) return []
  const missing = (at: string): boolean => place(at) === 'missing'
  const own = user === undefined ? [] : binds.map(({source}) => source).filter(missing)
  const folders = foldersOf(service)
  const isFirst = folders !== undefined && ['missing', 'empty'].includes(place(folders.settings))
  const media = isFirst ? [folders.media, ...library.map((one) => path.join(folders.media, one))].filter(missing) : []
  return [
    ...media.map((at): [string, Wanted] => [at, {owner, reason: 'downloads and library have to be there, and their owner has to be PUID'}]),
    ...own.map((at): [string, Wanted] => [at, {owner, reason: `${name} runs as ${owner.uid}:${owner.gid}, and cannot make it`}]),
  ]
}

const folderStep = (target: string, {owner, reason}: Wanted): Step => ({action: 'create-folder', target, reason, needs: [], owner})

function configureStep(service: DeclaredService, place: (at: string) => Place): Step[] {
  const known = knownConfiguration(service)
  if (known === undefined || place(known.file.path) !== 'missing') return []
  const {file, reason} = known
  return [{action: 'configure', target: service.name, reason, needs: [], file, ...(service.owner && {owner: service.owner})}]
}
