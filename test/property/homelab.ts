import {renew} from '../../src/lib/update/step-handlers.js'
import {noBooks} from '../../src/lib/update/stores.js'
import {cascadeWatcher} from '../../src/lib/watch/cascade-watcher.js'
import {heartbeat} from '../../src/lib/watch/heartbeat.js'
import {silent} from '../../src/lib/model/plan.js'
import {isUp} from '../../src/lib/model/container.js'
import {FaultyDocker} from '../support/unit/faulty-docker.js'
import {mortal, type Life} from '../support/unit/mortal.js'
import {Notebooks} from '../support/unit/notebooks.js'
import {STARTED} from '../support/unit/observed.js'
import {aStack} from '../support/unit/stack.js'
import {virtualTime, type VirtualTime} from '../support/unit/virtual-time.js'
import type {Fault, GatewayDeed, History} from './faults.js'
import {witness, type Witness} from './witness.js'
import type {CascadeMemory, CascadeRules} from '../../src/lib/model/cascade.js'

/** The owner's own (homelab.example.yml). */
export const RULES: CascadeRules = {gateway: 300, verify: 120, attempts: 3, backoff: 10, perHour: 5, pause: 3600, debounce: 30}
const RESYNC = 60_000
/** Longer than any daemon is away. */
const DAEMON_MS = 100_000
/** So long before a daemon's start the end of a container is told by it: model/attachment.ts. */
const WITH_DAEMON_MS = 120_000
/** Longer than any history: its reconnection waits in real time. */
const SILENCE = 2 ** 31 - 1

/** A watched homelab in which a history happens, in time of its own. */
export class Homelab {
  readonly time: VirtualTime = virtualTime(STARTED + 600_000)
  readonly books = new Notebooks()
  readonly docker: FaultyDocker
  readonly witness: Witness
  /** How often a process of ours was interrupted: it may have to do twice what it did last. */
  interruptions = 0
  private life: Life | undefined
  private operations = 0
  /** When they ended with a daemon that was killed, by container. */
  private readonly endedByKill = new Map<string, number>()

  constructor(private readonly history: History) {
    const gateways = Array.from({length: history.gateways}, (_, index) => [`gate${index}`, {}] as const)
    const behind = Array.from(
      {length: history.dependents},
      (_, index) => [`app${index}`, {gateway: `gate${index % history.gateways}`}] as const,
    )
    const stack = aStack(Object.fromEntries([...gateways, ...behind]))
    const stopped = history.stopped.filter((index) => index < history.dependents).map((index) => `app${index}`)
    this.docker = new FaultyDocker(stack, history.manners).launch(stopped)
    this.witness = witness(this.docker, this.books, stack)
    for (const name of stopped) this.witness.operator(name, false)
    this.watch()
  }

  /** Everything that happened, then nothing happens any more: the operator cares for the gateway, and time passes. */
  async live(): Promise<void> {
    for (const {after, fault} of this.history.moments) {
      await this.time.pass(after)
      this.befall(fault)
      await this.time.settle()
    }
    await this.time.pass(DAEMON_MS)
    this.calm()
    const {pausedUntil} = this.books.present
    await this.time.pass(20 * 60_000)
    if (pausedUntil !== undefined || this.books.present.pausedUntil !== undefined) await this.time.pass(RULES.pause * 1000)
    // The slowest retry of what failed last, and its proof.
    if (this.books.present.episode !== undefined) await this.time.pass(20 * 60_000)
  }

  end(): void {
    this.life?.kill()
    this.time.end()
  }

  /** A process as systemd starts it. */
  private watch(): void {
    if (this.life?.isOver() === false) return
    const {docker, books} = this
    const born = mortal({
      engine: docker,
      journal: books.journal,
      notifier: books.notifier,
      memory: books.memory,
      books: noBooks,
      updateStep: renew,
      patience: {attempts: 1, backoffMs: 0},
      now: () => Date.now(),
      newOperation: () => `op${++this.operations}`,
      warn: () => undefined,
      exclusively: (_project, _doing, work) => work(),
    })
    this.life = born.life
    const write = (project: string, memory: CascadeMemory): Promise<void> => {
      books.tried = memory
      return born.hands.memory.write(project, memory)
    }
    const hands = {...born.hands, memory: {...born.hands.memory, write}}
    const log = {info: () => undefined, warn: () => undefined, error: () => undefined}
    const [stack] = [...docker.stacks.values()]
    if (stack === undefined) throw new Error('there is no stack')
    const watcher = cascadeWatcher({
      name: 'cascade',
      declare: () => Promise.resolve({stack, hands}),
      notifier: books.notifier,
      rules: RULES,
      resync: RESYNC,
      patience: 60_000,
      silence: SILENCE,
      beat: heartbeat('cascade', () => Date.now()),
      log,
      reporter: silent,
      now: () => Date.now(),
    })
    void watcher.run(born.life.signal)
  }

  private befall(fault: Fault): void {
    const {docker, witness: seen} = this
    switch (fault.is) {
      case 'gateway':
        return this.toGateway(fault.gateway, fault.deed)
      case 'dependent':
        return this.toDependent(`app${fault.service}`, fault.deed)
      case 'daemon':
        return this.restartDaemon(fault)
      case 'sick':
        return docker.sicken(`gate${fault.gateway}`, fault.for)
      case 'fails':
        return void docker.failing.set(`${fault.deed} app${fault.service}`, fault.times)
      case 'unreadable':
        docker.unreadable.add(`app${fault.service}`)
        return void setTimeout(() => docker.unreadable.delete(`app${fault.service}`), fault.for)
      case 'deaf':
        docker.deaf = true
        return void setTimeout(() => (docker.deaf = false), fault.for)
      case 'killed':
        return this.life?.at(fault.calls, () => {
          this.interruptions++
          this.life?.kill()
          setTimeout(() => this.watch(), fault.back)
        })
      case 'error':
        return this.life?.at(fault.calls, () => {
          this.interruptions++
          throw new Error('it went wrong')
        })
      case 'ambush':
        return this.life?.at(fault.calls, () => (seen.inGuard() ? undefined : this.toGateway(fault.gateway, fault.deed)))
      case 'ended':
        this.interruptions++
        this.life?.end()
        return void setTimeout(() => this.watch(), fault.back)
    }
  }

  private toGateway(index: number, deed: GatewayDeed): void {
    const {docker} = this
    const name = `gate${index}`
    const gateway = docker.containers.get(name)
    // Without a daemon nobody can do anything.
    if (docker.away) return
    if (deed === 'create') return gateway === undefined && index < this.history.gateways ? docker.bringUp(name) : undefined
    if (gateway === undefined) return
    switch (deed) {
      case 'restart':
      case 'crash':
        if (deed === 'crash' && gateway.state !== 'running') return
        docker.exit(name, deed === 'crash' ? 1 : 0)
        return void setTimeout(() => !docker.away && docker.byIdentity(gateway.id) && docker.launchOne(name), deed === 'crash' ? 100 : 700)
      case 'kill':
        return docker.exit(name, 137)
      case 'start':
        return docker.launchOne(name)
      case 'recreate':
        docker.destroy(name)
        return docker.bringUp(name)
      case 'remove':
        return docker.destroy(name)
      case 'sicken':
        return docker.sicken(name, 8_000)
      case 'pause':
        return gateway.state === 'running' ? docker.become(name, {state: 'paused'}, 'pause') : undefined
      case 'unpause':
        return gateway.state === 'paused' ? docker.become(name, {state: 'running'}, 'unpause') : undefined
    }
  }

  private toDependent(name: string, deed: 'stop' | 'start' | 'restart' | 'remove' | 'crash'): void {
    const {docker, witness: seen} = this
    const container = docker.containers.get(name)
    if (container === undefined || docker.away) return
    if (deed === 'crash') {
      if (!isUp(container)) return
      docker.exit(name, 1)
      return docker.launchOne(name)
    }
    // Docker has nothing to do then, and remembers nothing of it.
    if (deed === 'stop' && !isUp(container)) return seen.wanted(name) === false ? undefined : seen.operator(name, undefined)
    if (deed === 'stop' || deed === 'remove') {
      seen.operator(name, false)
      return deed === 'stop' ? docker.exit(name, 0) : docker.destroy(name)
    }
    seen.operator(name, true)
    if (deed === 'restart') docker.exit(name, 0)
    docker.launchOne(name)
  }

  /** What ran is started again; some are not. What was stopped stays so. */
  private restartDaemon({fates, away, killed}: Fault & {is: 'daemon'}): void {
    const {docker} = this
    if (docker.away) return
    const running = [...docker.containers.values()].filter((container) => isUp(container) || container.state === 'paused')
    const ids = new Set(running.map(({id}) => id))
    for (const {service} of running) docker.exit(service, 0)
    docker.away = true
    for (const {service, id, state, finishedAt} of docker.containers.values()) {
      const looksAlike = finishedAt + 300_000 > Date.now() + away && this.books.present.ran.includes(id)
      // The start that it was told by is forgotten with this one, if no watcher has seen it before.
      const forgotten = !ids.has(id) && state === 'exited' && finishedAt + WITH_DAEMON_MS <= Date.now() + away
      if (forgotten && this.endedByKill.get(id) === finishedAt) this.witness.operator(service, undefined)
      if (ids.has(id) && killed) this.endedByKill.set(id, finishedAt)
      // Nobody saw that it was stopped by its operator, or that it ran.
      if (!ids.has(id) && looksAlike && this.witness.wanted(service) === false) this.witness.operator(service, undefined)
      if (ids.has(id) && killed && !looksAlike && this.witness.wanted(service)) this.witness.operator(service, undefined)
    }
    setTimeout(() => {
      docker.away = false
      docker.daemonStartedAt = Date.now()
      if (killed) return
      const back = [...docker.containers.values()].filter(({id, state}) => ids.has(id) && state === 'exited')
      for (const {service, error} of back.filter(({service: name}) => name.startsWith('gate'))) if (error === '') docker.launchOne(service)
      for (const {service, error} of back.filter(({service: name}) => name.startsWith('app'))) {
        if (error !== '') continue
        if (fates[Number(service.slice(3))] === 'back') docker.launchOne(service)
        else docker.exit(service, 128, 'cannot join network of a non running container: gate')
      }
    }, away)
  }

  private calm(): void {
    const {docker} = this
    docker.away = false
    docker.deaf = false
    docker.failing.clear()
    docker.unreadable.clear()
    docker.sickUntil.clear()
    for (const name of docker.gateways()) {
      this.toGateway(Number(name.slice(4)), 'create')
      this.toGateway(Number(name.slice(4)), 'unpause')
      docker.launchOne(name)
      if (docker.containers.get(name)?.health === 'unhealthy') docker.become(name, {health: 'healthy'})
    }
    this.life?.forget()
    this.watch()
  }
}
