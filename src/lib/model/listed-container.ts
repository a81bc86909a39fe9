import type {ContainerState} from './observed.js'

/** A container of this machine, whoever made it, as Docker's list tells. */
export type ListedContainer = {
  readonly id: string
  readonly name: string
  readonly state: ContainerState
  /** As it was asked for: "lscr.io/linuxserver/sonarr:latest". */
  readonly image: string
  /** By Compose's labels; undefined: it was not made by Compose. */
  readonly project: string | undefined
  readonly service: string | undefined
  /** The Compose files that it was made from, absolute. */
  readonly files: readonly string[]
  /** The folder that Compose was run for. */
  readonly workingDir: string | undefined
  /** Folders of this machine that it has mounted. */
  readonly binds: readonly {readonly source: string; readonly target: string; readonly writable: boolean}[]
}
