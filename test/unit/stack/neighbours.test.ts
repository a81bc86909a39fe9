import {describe, expect, it} from 'vitest'
import {NO_NEIGHBOURS, type Neighbours} from '../../../src/lib/stack/neighbours.js'
import {stackStatus} from '../../../src/lib/stack/status.js'
import {planUp} from '../../../src/lib/stack/plan-up.js'
import {planDown, planStop} from '../../../src/lib/stack/plan-down.js'
import type {World} from '../../../src/lib/stack/snapshot.js'
import {aContainer, aWorld} from '../../support/unit/observed.js'
import {anIntent, planLines, untouchedLines} from '../../support/unit/plan-lines.js'
import {aStack} from '../../support/unit/stack.js'

const FILE = '/homelab/compose/plex.yml'
const stack = aStack({plex: {}}, 'plex')

/** The stack of another file of the same project. */
const other = {...aStack({books: {}}, 'shelf'), project: 'plex', ownNetworks: ['plex_default', 'plex_shelf']}

/** The stack runs, and beside it these containers of its project, each with the files that it was made from. */
function seen(left: Record<string, readonly string[]>, neighbours: Neighbours = NO_NEIGHBOURS, ownNetworks = ['plex_default']): World {
  const world = aWorld(stack, {ownNetworks})
  const more = Object.entries(left).map(([service, files]) => [service, aContainer(service, {files})] as const)
  return {...world, observed: {...world.observed, containers: new Map([...world.observed.containers, ...more])}, neighbours}
}

const beside: Neighbours = {files: [other], declared: [other], unread: []}
const status = (world: World): string[] =>
  stackStatus(world, ['plex']).services.map(({service, verdict, says}) => `${service} ${verdict}: ${says}`)
const removed = (world: World, orphans = false): string[] => planLines(planDown(world, anIntent({orphans}))).map((line) => line.slice(2))

describe('a container whose service is in the files no more', () => {
  const world = seen({old: [FILE]}, beside)

  it('is shown, and taken down and stopped with the stack that it was made from', () => {
    expect(status(world)).toEqual(['plex good: healthy', 'old bad: running, and not in the Compose files any more; down removes it'])
    const why = 'it was made from the files of this stack, which no longer declare it'
    expect(removed(world)).toContain(`remove old: ${why}`)
    expect(planLines(planStop(world, anIntent()))).toContain(`1 stop old: ${why}`)
  })

  it('is also known by a file that a second stack uses, too', () => {
    const common = '/homelab/compose/common.yml'
    const shared: Neighbours = {...NO_NEIGHBOURS, files: [{name: 'shelf', files: [common, '/homelab/compose/shelf.yml']}]}
    const both = {...seen({old: [common, FILE]}, shared), stack: {...stack, files: [common, FILE]}}
    expect(removed(both)).toContain('remove old: it was made from the files of this stack, which no longer declare it')
    const theirs = seen({old: shared.files[0]!.files}, shared)
    expect(removed({...theirs, stack: both.stack}, true).join()).not.toContain('old')
  })
})

describe('a container of another file of the same project', () => {
  it.each([
    ['that declares it, from wherever it was made', seen({books: ['/elsewhere/shelf.yml']}, beside)],
    ['that it was made from, and that could not be read', seen({books: other.files}, {files: [other], declared: [], unread: ['shelf']})],
  ])('%s: it is not shown, and nothing takes it down', (_, world) => {
    expect(status(world)).toEqual(['plex good: healthy'])
    for (const orphans of [false, true]) expect(removed(world, orphans)).toEqual(['remove plex: asked for', OWN_NETWORK])
    expect(planLines(planStop(world, anIntent()))).toEqual(['1 stop plex: asked for'])
    expect(planDown(world, anIntent()).untouched).toEqual([])
  })
})

describe('a container that no file declares', () => {
  const world = seen({stray: ['/elsewhere/old.yml'], bare: []}, beside)

  it('is named, and stays', () => {
    expect(status(world)).toContain('stray bad: running, and in no Compose file; down --orphans removes it')
    expect(removed(world).join()).not.toMatch(/stray|bare/)
    const why = 'no Compose file of the homelab declares it; homelab stack plex down --orphans removes it'
    expect(untouchedLines(planDown(world, anIntent()))).toEqual([`stray: ${why}`, `bare: ${why}`])
    expect(untouchedLines(planStop(world, anIntent()))).toHaveLength(2)
  })

  it('is removed by --orphans, and only by a down of the whole stack', () => {
    expect(removed(world, true)).toContain('remove stray: no Compose file of the homelab declares it (--orphans)')
    expect(removed(world, true).join()).toContain('remove bare')
    expect(planLines(planDown(world, anIntent({services: ['plex'], orphans: true})))).toEqual(['1 remove plex: asked for'])
  })

  it('stays also with --orphans while a file that may declare it cannot be read', () => {
    const blind = seen({stray: []}, {files: [other], declared: [], unread: ['shelf']}, ['plex_default', 'plex_shelf'])
    expect(removed(blind, true)).toEqual(['remove plex: asked for', OWN_NETWORK])
    expect(untouchedLines(planDown(blind, anIntent({orphans: true})))).toEqual(['stray: shelf could not be read, and may declare it'])
    expect(status(blind)).toContain('stray bad: running, and not in these Compose files; shelf could not be read, and may declare it')
  })
})

const OWN_NETWORK = 'remove-network plex_default: it belongs to this stack'

it('removes the networks of its own files; what no file declares only with --orphans', () => {
  const world = seen({}, beside, ['plex_default', 'plex_shelf', 'plex_old'])
  expect(removed(world)).toEqual(['remove plex: asked for', OWN_NETWORK])
  expect(planDown(world, anIntent()).notes).toEqual([
    'the network plex_old stays: no Compose file of the homelab declares it; homelab stack plex down --orphans removes it',
  ])
  const orphan = 'remove-network plex_old: no Compose file of the homelab declares it (--orphans)'
  expect(removed(world, true)).toEqual(['remove plex: asked for', OWN_NETWORK, orphan])
})

it('refuses a shared network that has another subnet than the gateway is told', () => {
  const shared = aStack({plex: {networks: ['media']}}, 'plex', [{name: 'media', subnet: '172.19.0.0/16'}])
  const world = aWorld(shared, {nothing: true, networks: ['media']})
  const observed = {...world.observed, subnets: new Map([['media', ['10.99.0.0/16']]])}
  expect(() => planUp({stack: shared, observed}, anIntent())).toThrow('has the subnet 10.99.0.0/16, and 172.19.0.0/16 is declared')
  const right = {...world.observed, subnets: new Map([['media', ['172.19.0.0/16']]])}
  expect(planUp({stack: shared, observed: right}, anIntent()).stages.length).toBeGreaterThan(0)
})
