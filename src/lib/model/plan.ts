/**
 * What will be done, in full, before anything is done. A dry run prints exactly this.
 * `create` and `recreate` leave a service running; `replace` makes its new container and does not start it.
 */

export type Action =
  | 'create-network'
  /** A folder of this machine that a service needs, and that Docker would make for root. */
  | 'create-folder'
  /** A service gets the configuration that it starts with for the first time. */
  | 'configure'
  | 'pull'
  | 'create'
  | 'recreate'
  | 'replace'
  | 'start'
  | 'restart'
  | 'stop'
  | 'remove'
  | 'wait'
  | 'remove-network'
  /** The image that a service runs gets a name of ours before its tag moves: some engines drop what has no name. */
  | 'keep'
  /** That name is taken off again, if the image has another one. */
  | 'release'
  /** The image that a service ran is not on this machine any more: it is pulled by its digest. */
  | 'recover'
  /** The declared image, in the stack's pins file, becomes `reference`; '' takes the pin out. */
  | 'pin'
  /** The image `image` gets the name `reference` back. */
  | 'tag'
  /** A command of the operator's. */
  | 'hook'
  /** Copies `folders` to `backup`, and back. */
  | 'backup'
  | 'restore'
  /** Asks `url` until it answers. */
  | 'probe'

export type Step = {
  readonly action: Action
  /** The service; the network for the two network steps, and the folder for `create-folder`. */
  readonly target: string
  readonly reason: string
  /** Not carried out if one of these services failed before: nothing starts behind a gateway that is not healthy. */
  readonly needs: readonly string[]
  /**
   * Carried out even if its own image could not be had, or its old one not be kept: its gateway goes away, so that being
   * left alone on the old image would mean being cut off.
   */
  readonly regardless?: boolean
  /** Carried out only while this gateway is healthy and in this start of its. */
  readonly behind?: Incarnation
  /** Started only while this gateway is healthy, whichever container it has by then. */
  readonly guard?: StartGuard
  /** Container id, where the step acts on a container that exists. */
  readonly container?: string
  /** For `pull` and `recover`: the reference; for `keep` and `tag`: the image's id. */
  readonly image?: string
  /** For `keep`, `release`, `tag` and `pin`: the name. */
  readonly reference?: string
  /** For `hook`: program and arguments. */
  readonly command?: readonly string[]
  /** For `probe`. */
  readonly url?: string
  /** For `backup` and `restore`: folders of this machine, and where their copies are. */
  readonly folders?: readonly string[]
  readonly backup?: string
  /** For `wait`: seconds that one without a health check has to run, and that a healthy one has to stay so. */
  readonly running?: number
  readonly steady?: number
  /** For `create-network`: the subnet, CIDR. */
  readonly subnet?: string
  /** For `create-folder` and `configure`: whose the folder and the file are. */
  readonly owner?: Owner
  /** For `configure`. */
  readonly file?: FirstFile
  /** For `wait`, `probe` and `hook`: seconds. */
  readonly limit?: number
}

/** A user and a group, as the kernel counts them. */
export type Owner = {readonly uid: number; readonly gid: number}

/** Written only where there is none. `within`: the folder that belongs to the service; folders below it are made. */
export type FirstFile = {readonly path: string; readonly within: string; readonly content: string}

/** `limit`: seconds that the gateway is waited for, if it is not healthy when the start is due. */
export type StartGuard = {readonly gateway: string; readonly limit: number}

/** A gateway's container in one of its starts: another id or another start is another network namespace. */
export type Incarnation = {
  readonly service: string
  readonly container: string
  /** Epoch milliseconds. */
  readonly startedAt: number
}

/** Steps of one stage run side by side; stages run one after the other. */
export type Stage = readonly Step[]

export type Untouched = {
  readonly service: string
  readonly reason: string
  /** Of `update`: it runs what there is; what there is was rolled back before; it does not run, and its image is current. */
  readonly is?: 'current' | 'rejected' | 'stopped'
}

export type Plan = {
  readonly stack: string
  readonly verb: string
  readonly stages: readonly Stage[]
  /** Services that were asked for and stay as they are. */
  readonly untouched: readonly Untouched[]
  /** What the operator should know before: a restart that takes others along, for example. */
  readonly notes: readonly string[]
  /** A pull has to tell what is new; look and plan again after it. */
  readonly lookAgain: boolean
}

export const stepsOf = (plan: Plan): Step[] => plan.stages.flat()

type StepResult = 'done' | 'failed' | 'skipped' | 'cancelled'

/** What became of a step. */
export type StepOutcome = {
  readonly step: Step
  readonly result: StepResult
  /** Seconds it took; 0 if it was not begun. */
  readonly seconds: number
  /** For people: why it failed or was skipped, or what it found. */
  readonly message: string | undefined
  readonly error: Error | undefined
}

/** Who is told while a stack's plan is carried out. Must not throw, and decides nothing. */
export interface Reporter {
  /** Called again if a second look brings more to do. */
  planned(plan: Plan): void
  began(step: Step): void
  progress(step: Step, progress: PullProgress): void
  ended(outcome: StepOutcome): void
  /** The stack is through; nothing more comes. */
  closed(error: Error | undefined): void
}

export const silent: Reporter = {planned() {}, began() {}, progress() {}, ended() {}, closed() {}}

/** Progress of a pull: layers and bytes so far. */
export type PullProgress = {
  readonly layers: number
  readonly layersDone: number
  readonly bytes: number
  readonly bytesTotal: number
}

export type ChangingVerb = 'up' | 'down' | 'start' | 'stop' | 'restart' | 'pull' | 'update'
