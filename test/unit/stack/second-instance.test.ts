import {describe, expect, it} from 'vitest'
import {instanceDiagnoses} from '../../../src/lib/doctor/stacks.js'
import type {ListedContainer} from '../../../src/lib/model/container.js'
import {planUp} from '../../../src/lib/stack/plan-up.js'
import {instanceNext, ownerText, refuseSecond, isInTheWay, secondInstances} from '../../../src/lib/stack/second-instance.js'
import {carry} from '../../support/unit/carry-out.js'
import {MemoryEngine} from '../../support/unit/memory-engine.js'
import {aWorld} from '../../support/unit/observed.js'
import {anIntent} from '../../support/unit/plan-lines.js'
import {aStack} from '../../support/unit/stack.js'

const FILE = '/homelab/compose/torrent.yml'
const bind = (source: string, target = '/config') => ({source, target, writable: true})

const stack = aStack({
  gluetun: {containerName: 'vpn'},
  sonarr: {gateway: 'gluetun', binds: [bind('/srv/sonarr'), bind('/media', '/media')]},
  seerr: {binds: [bind('/srv/seerr', '/app/config'), bind('/media', '/media')]},
  autoheal: {binds: [bind('/var/run/docker.sock', '/var/run/docker.sock')]},
})

/** As it stands in Docker's list if it has nothing to do with the stack. */
const listed = (name: string, words: Partial<ListedContainer> = {}): ListedContainer => ({
  id: name,
  name: `media-${name}-1`,
  state: 'running',
  image: `example.org/${name}:1`,
  project: 'media',
  service: name,
  files: ['/elsewhere/compose.yml'],
  workingDir: '/elsewhere',
  binds: [],
  ...words,
})
const found = (
  container: ListedContainer,
  neighbours = [{name: 'plex', files: ['/homelab/compose/common.yml', '/homelab/compose/plex.yml']}],
) => secondInstances(stack, neighbours, [container]).map(({service, by}) => `${service} by ${by}`)

describe('a second instance', () => {
  it.each([
    ['the same file', listed('sonarr', {files: [FILE]}), ['sonarr by file']],
    ['the same file beside others', listed('sonarr', {files: ['/x.yml', FILE]}), ['sonarr by file']],
    ['a file of the same folder, of before', listed('sonarr', {workingDir: '/homelab/compose'}), ['sonarr by folder']],
    ['that, with another image', listed('sonarr', {workingDir: '/homelab/compose', image: 'example.org/other'}), []],
    ['the same /config, by another name', listed('tv', {binds: [bind('/srv/sonarr')]}), ['sonarr by data']],
    [
      'the same /config, without Compose',
      listed('tv', {project: undefined, service: undefined, binds: [bind('/srv/sonarr')]}),
      ['sonarr by data'],
    ],
    ['the same /config, which it only reads', listed('tv', {binds: [{...bind('/srv/sonarr'), writable: false}]}), []],
    ['the same folder of the same application', listed('seerr', {binds: [bind('/srv/seerr', '/app/config')]}), ['seerr by data']],
    ['the same folder of another application', listed('tv', {binds: [bind('/srv/seerr', '/app/config')]}), []],
    ['nothing but the media', listed('sonarr', {binds: [bind('/media', '/media'), bind('/srv/sonarr-4k')]}), []],
    ['nothing but the socket', listed('autoheal', {binds: [bind('/var/run/docker.sock', '/var/run/docker.sock')]}), []],
    ['the name that is declared', listed('other', {name: 'vpn'}), ['gluetun by name']],
    ['that name, of its own', listed('gluetun', {name: 'vpn', project: 'torrent'}), []],
    ['the same project', listed('sonarr', {project: 'torrent', files: [FILE]}), []],
    ['a service that is not declared', listed('radarr', {files: [FILE]}), []],
    ['the files of another stack', listed('sonarr', {files: ['/homelab/compose/common.yml', '/homelab/compose/plex.yml']}), []],
    ['nothing in common', listed('sonarr'), []],
  ])('with %s', (_, container, expected) => {
    expect(found(container)).toEqual(expected)
  })

  it('is told from another stack that shares one of the files', () => {
    const common = '/homelab/compose/common.yml'
    const both = {...stack, files: [common, FILE]}
    const neighbour = [{name: 'plex', files: [common, '/homelab/compose/plex.yml']}]
    expect(secondInstances(both, neighbour, [listed('sonarr', {files: neighbour[0]!.files})])).toEqual([])
    expect(secondInstances(both, neighbour, [listed('sonarr', {files: both.files})])).toHaveLength(1)
  })
})

describe('what would create a second instance', () => {
  const missing = aWorld(stack, {nothing: true})
  const refuse =
    (all: readonly ListedContainer[], world = missing) =>
    () =>
      refuseSecond(planUp(world, anIntent()), stack, [], all)

  it('is refused, 78: whose they are, and what to type', () => {
    const all = [listed('gluetun', {files: [FILE]}), listed('sonarr', {files: [FILE], state: 'restarting'})]
    expect(refuse(all)).toThrow(
      expect.objectContaining({
        exitCode: 78,
        message:
          'What torrent would create is there already: the project media has gluetun (media-gluetun-1), sonarr (media-sonarr-1, restarting). Two would work on the same data, or under the same name. Nothing was done.',
        next: [
          `Keep them, as homelab's own: write "name: media" at the top of ${FILE}`,
          `or remove them; folders and volumes stay: docker compose -p media --project-directory /elsewhere -f ${FILE} down`,
        ],
      }),
    )
  })

  it('by data or by name: what is removed is named one by one', () => {
    const other = listed('tv', {project: undefined, service: undefined, binds: [bind('/srv/sonarr')]})
    expect(instanceNext(stack, secondInstances(stack, [], [other]))).toEqual([
      'Remove them; folders and volumes stay: docker stop media-tv-1 && docker rm media-tv-1',
    ])
    expect(ownerText(secondInstances(stack, [], [other]))).toBe('without Compose there is sonarr (media-tv-1)')
  })

  it('is done where nothing is created beside it, or where the other one is stopped', () => {
    const second = listed('sonarr', {files: [FILE]})
    expect(refuse([second], aWorld(stack))).not.toThrow()
    expect(refuse([second], aWorld(stack, {containers: {seerr: null}}))).not.toThrow()
    expect(refuse([{...second, state: 'exited'}])).not.toThrow()
    expect(refuse([listed('x', {name: 'vpn', state: 'exited'})])).toThrow('(vpn, exited)')
  })

  it.each([[false], [true]])('touches nothing (dry run: %s)', async (dryRun) => {
    const engine = new MemoryEngine(stack)
    engine.others.push(listed('sonarr', {files: [FILE]}))
    await expect(carry(engine, stack, 'up', {dryRun})).rejects.toMatchObject({exitCode: 78})
    expect(engine.done).toEqual([])
  })
})

it('doctor tells it before: bad if it is in the way, else a warning', () => {
  const of = (state: ListedContainer['state']) => {
    const instances = secondInstances(stack, [], [listed('sonarr', {files: [FILE], state})])
    return instanceDiagnoses([{stack: 'torrent', says: ownerText(instances), inTheWay: instances.some(isInTheWay), next: []}])[0]
  }
  expect(of('running')).toMatchObject({
    is: 'bad',
    says: 'the project media has sonarr (media-sonarr-1): up would make a second one, and is refused',
  })
  expect(of('exited')).toMatchObject({is: 'warn', check: 'project of torrent'})
  expect(instanceDiagnoses([])).toMatchObject([{is: 'good', check: 'projects'}])
})
