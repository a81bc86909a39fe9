import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {withUnconfigured} from '../../../src/lib/stack/unconfigured.js'
import {serviceSubject} from '../../../src/lib/health/services.js'
import {stackStatus} from '../../../src/lib/stack/status.js'
import {carry, outcomeLines} from '../../support/unit/carry-out.js'
import {MemoryEngine} from '../../support/unit/memory-engine.js'
import {aWorld} from '../../support/unit/observed.js'
import {aStack} from '../../support/unit/stack.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

/** As cross-seed 6.13.7 has it in its template, which it refuses. */
const TEMPLATE = 'module.exports = {\n\ttorrentClients: [],\n}\n'

async function crossSeed(content: string) {
  const folder = await tempFolder()
  const file = path.join(folder, 'config.js')
  await writeFile(file, content)
  const labels = new Map([['homelab.unconfigured', '/config/config.js torrentClients: []']])
  return {file, stack: aStack({'cross-seed': {labels, binds: [{source: folder, target: '/config'}]}})}
}

describe('a service that nobody has configured, and that ends because of it', () => {
  const ended = {state: 'restarting', restarts: 7, exitCode: 1} as const
  const words = {now: Date.now(), age: () => 'a minute'}

  it('waits for its configuration, in status and health, and does not keep ending', async () => {
    const {file, stack} = await crossSeed(TEMPLATE)
    const world = await withUnconfigured(aWorld(stack, {containers: {'cross-seed': {...ended, startedAt: Date.now()}}}))
    const [status] = stackStatus(world, ['cross-seed']).services
    if (status === undefined) throw new Error('no status')
    expect(status).toMatchObject({verdict: 'waiting', says: `waits for its configuration: ${file}`})
    const subject = serviceSubject(
      {stack: 'torrent', status, namespace: undefined, probe: undefined, imageMade: undefined, oomKills: 0},
      words,
    )
    expect(subject?.findings).toEqual([
      {
        is: 'warn',
        check: 'container',
        says: `waits for its configuration: ${file}`,
        next: [`nano ${file}`, 'homelab stack torrent restart cross-seed'],
      },
    ])
  })

  it('is no failure of `up`, which says what it waits for', async () => {
    const {file, stack} = await crossSeed(TEMPLATE)
    const engine = new MemoryEngine(stack)
    engine.behaviours.set('cross-seed', {state: 'exited', health: 'none', exitCode: 1})
    const {outcomes} = await carry(engine, stack, 'up')
    expect(outcomeLines(outcomes)).toEqual(['create cross-seed: done', `wait cross-seed: done (waits for its configuration: ${file})`])
  })

  it('that is configured is told as ending all the same', async () => {
    const {stack} = await crossSeed('module.exports = {torrentClients: ["qbittorrent:http://127.0.0.1:8080"]}\n')
    const world = await withUnconfigured(aWorld(stack, {containers: {'cross-seed': ended}}))
    expect(stackStatus(world, ['cross-seed']).services).toMatchObject([{verdict: 'bad', says: 'keeps ending (exit code 1)'}])
    const engine = new MemoryEngine(stack)
    engine.behaviours.set('cross-seed', {state: 'exited', health: 'none', exitCode: 1})
    expect(outcomeLines((await carry(engine, stack, 'up')).outcomes).at(-1)).toMatch(/^wait cross-seed: failed/)
  })
})
