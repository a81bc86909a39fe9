import type {DeclaredStack} from '../model/stack.js'
import {withRemedy, type Diagnosis} from './remedy.js'

/** A folder that a service, which Docker starts as a plain user, cannot make itself. */
type Wanted = {readonly path: string; readonly service: string; readonly uid: number; readonly gid: number}

/** What is there; undefined: nothing; `late`: its disk hangs. */
type Owned = {readonly uid: number; readonly gid: number; readonly mode: number} | 'late' | undefined

/** The folders that have to be there before the first start. Pure. @param below Only what is below this folder. */
export function wantedFolders(stacks: readonly DeclaredStack[], below: string): Wanted[] {
  return stacks.flatMap(({services}) =>
    [...services.values()].flatMap(({name, user, active, binds}) => {
      const [uid, gid] = (user ?? '0').split(':').map(Number)
      // Root makes its own.
      if (!active || uid === undefined || uid === 0 || Number.isNaN(uid)) return []
      return binds
        .filter(({source}) => source.startsWith(`${below}/`))
        .map(({source}) => ({path: source, service: name, uid, gid: gid === undefined || Number.isNaN(gid) ? uid : gid}))
    }),
  )
}

/** Pure. @param owner Of the folder, as far as it could be looked at. */
export function folderDiagnosis({path, service, uid, gid}: Wanted, owner: Owned): Diagnosis | undefined {
  const remedy = {is: 'folder', path, uid, gid} as const
  const check = `folder ${service}`
  if (owner === 'late') return {is: 'unknown', check, says: `${path} does not answer: its disk, or the server that it is on, hangs`}
  if (owner === undefined) return withRemedy({is: 'bad', check, says: `${path} is missing, and ${service} cannot make it`}, remedy)
  const needed = owner.uid === uid ? 0o300 : owner.gid === gid ? 0o030 : 0o003
  if ((owner.mode & needed) === needed) return undefined
  return {
    is: 'bad',
    check,
    says: `${path} belongs to ${owner.uid}:${owner.gid}, and ${service} runs as ${uid}:${gid}`,
    // What is in it belongs to somebody: that is for a person to decide.
    next: [`sudo chown -R ${uid}:${gid} ${path}`],
  }
}
