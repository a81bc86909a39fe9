import fc from 'fast-check'

/** What befalls a homelab. Services by their number; milliseconds. */
export type Fault =
  | {readonly is: 'gateway'; readonly deed: GatewayDeed; readonly gateway: number}
  | {readonly is: 'dependent'; readonly deed: DependentDeed; readonly service: number}
  /** `fates`: how each dependent survives it; one that was killed starts nobody again. */
  | {readonly is: 'daemon'; readonly fates: readonly Fate[]; readonly away: number; readonly killed: boolean}
  | {readonly is: 'sick'; readonly gateway: number; readonly for: number}
  | {readonly is: 'fails'; readonly deed: 'start' | 'stop' | 'replace'; readonly service: number; readonly times: number}
  | {readonly is: 'unreadable'; readonly service: number; readonly for: number}
  | {readonly is: 'deaf'; readonly for: number}
  /** The watcher, at a later call of its: killed, or the call fails, or the gateway ends at this moment. */
  | {readonly is: 'killed'; readonly calls: number; readonly back: number}
  | {readonly is: 'error'; readonly calls: number}
  | {readonly is: 'ambush'; readonly calls: number; readonly deed: GatewayDeed; readonly gateway: number}
  | {readonly is: 'ended'; readonly back: number}

type Fate = 'back' | 'cut'
export type GatewayDeed = 'restart' | 'crash' | 'kill' | 'start' | 'recreate' | 'remove' | 'create' | 'pause' | 'unpause' | 'sicken'
type DependentDeed = 'stop' | 'start' | 'restart' | 'remove' | 'crash'

/** `after`: milliseconds since the last one. */
export type Moment = {readonly after: number; readonly fault: Fault}

export type History = {
  readonly gateways: number
  readonly dependents: number
  readonly stopped: readonly number[]
  readonly manners: {
    readonly stopMs: number
    readonly replaceMs: number
    readonly warmUpMs: number
    readonly aheadMs?: number
    readonly checks: boolean
    readonly proves: boolean
  }
  readonly moments: readonly Moment[]
}

const deeds = fc.constantFrom<GatewayDeed[]>(
  'restart',
  'restart',
  'restart',
  'crash',
  'kill',
  'start',
  'recreate',
  'remove',
  'create',
  'pause',
  'unpause',
  'sicken',
)
const which = fc.nat(3)
const some = (...milliseconds: number[]): fc.Arbitrary<number> => fc.constantFrom(...milliseconds)
const is = <T extends Fault['is']>(word: T): fc.Arbitrary<T> => fc.constant(word)
const calls = fc.nat(40)

const faults: fc.Arbitrary<Fault> = fc.oneof(
  {weight: 8, arbitrary: fc.record({is: is('gateway'), deed: deeds, gateway: fc.nat(1)})},
  {
    weight: 4,
    arbitrary: fc.record({
      is: is('dependent'),
      deed: fc.constantFrom<DependentDeed[]>('stop', 'start', 'restart', 'remove', 'crash'),
      service: which,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      is: is('daemon'),
      fates: fc.array(fc.constantFrom('back' as const, 'cut' as const), {minLength: 4, maxLength: 4}),
      away: some(0, 5_000, 90_000),
      killed: fc.boolean(),
    }),
  },
  {weight: 2, arbitrary: fc.record({is: is('sick'), gateway: fc.nat(1), for: some(500, 20_000, 400_000)})},
  {
    weight: 2,
    arbitrary: fc.record({
      is: is('fails'),
      deed: fc.constantFrom('start' as const, 'stop' as const, 'replace' as const),
      service: which,
      times: fc.integer({min: 1, max: 4}),
    }),
  },
  {weight: 1, arbitrary: fc.record({is: is('unreadable'), service: which, for: some(1_000, 70_000)})},
  {weight: 1, arbitrary: fc.record({is: is('deaf'), for: some(10_000, 200_000)})},
  {weight: 4, arbitrary: fc.record({is: is('killed'), calls, back: some(0, 3_000, 100_000)})},
  {weight: 2, arbitrary: fc.record({is: is('error'), calls})},
  {weight: 3, arbitrary: fc.record({is: is('ambush'), calls, deed: deeds, gateway: fc.nat(1)})},
  {weight: 1, arbitrary: fc.record({is: is('ended'), back: some(0, 30_000)})},
)

const moments = fc.record({after: fc.oneof(fc.constant(0), fc.nat(4_000), some(8_000, 15_000, 35_000, 70_000, 400_000)), fault: faults})

/** Restarts of one gateway, each repaired before the next: what a loop looks like. */
const loops = fc
  .tuple(fc.integer({min: 4, max: 8}), some(60_000, 300_000, 700_000))
  .map(([times, after]) => Array.from({length: times}, (): Moment => ({after, fault: {is: 'gateway', deed: 'restart', gateway: 0}})))

export const histories: fc.Arbitrary<History> = fc.record({
  gateways: fc.constantFrom(1, 1, 1, 2),
  dependents: fc.integer({min: 1, max: 4}),
  stopped: fc.oneof(fc.constant([]), fc.subarray([0, 1, 2, 3])),
  manners: fc.record({
    stopMs: some(0, 3_000),
    replaceMs: some(0, 600),
    warmUpMs: some(200, 5_000, 40_000),
    checks: fc.constantFrom(true, true, true, false),
    proves: fc.boolean(),
  }),
  moments: fc
    .tuple(fc.oneof({weight: 4, arbitrary: fc.constant([] as Moment[])}, {weight: 1, arbitrary: loops}), fc.array(moments, {maxLength: 14}))
    .map(([first, rest]) => [...first, ...rest]),
})

/** What fast-check prints of a counterexample: what it was like, then a moment a line. */
export function told({gateways, dependents, stopped, manners, moments: list}: History): string {
  const words = `${gateways} gateways, ${dependents} dependents, stopped ${stopped.join()}, ${JSON.stringify(manners)}`
  let at = 0
  return [words, ...list.map(({after, fault}) => `${String((at += after) / 1000).padStart(8)} s  ${Object.values(fault).join(' ')}`)].join(
    '\n',
  )
}
