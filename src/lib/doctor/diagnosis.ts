import type {Finding} from '../model/finding.js'

/** Something that `--fix` may do by itself: it takes nothing away from anybody, and can be undone. */
export type Remedy =
  | {readonly is: 'mode'; readonly path: string; readonly mode: number}
  | {readonly is: 'folder'; readonly path: string; readonly uid: number; readonly gid: number}
  | {readonly is: 'module'; readonly name: string}

/** A finding before anything runs, and what mends it. */
export type Diagnosis = Finding & {readonly remedy?: Remedy}

/** As a person would type it. */
export function remedyText(remedy: Remedy): string {
  switch (remedy.is) {
    case 'mode':
      return `chmod ${remedy.mode.toString(8)} ${remedy.path}`
    case 'folder':
      return `sudo install -d -o ${remedy.uid} -g ${remedy.gid} ${remedy.path}`
    default:
      return `sudo modprobe ${remedy.name}`
  }
}

/** The remedy is a next step, too. */
export const withRemedy = (finding: Finding, remedy: Remedy): Diagnosis => ({...finding, next: [remedyText(remedy)], remedy})
