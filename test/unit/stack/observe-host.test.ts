import {mkdir, readFile, stat, symlink} from 'node:fs/promises'
import {hostname} from 'node:os'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import type {DeclaredStack} from '../../../src/lib/model/stack.js'
import {carry, outcomeLines} from '../../support/unit/carry-out.js'
import {MemoryEngine} from '../../support/unit/memory-engine.js'
import {aStack} from '../../support/unit/stack.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const owner = {uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0}
const qbittorrentIn = (settings: string, media: string): DeclaredStack => {
  const binds = [
    {source: settings, target: '/config'},
    {source: media, target: '/data'},
  ]
  return aStack({qbittorrent: {image: 'lscr.io/linuxserver/qbittorrent:latest', owner, binds}})
}

/** An engine whose Docker is on this machine. */
const hereFor = (stack: DeclaredStack): MemoryEngine => Object.assign(new MemoryEngine(stack), {machine: () => Promise.resolve(hostname())})
const intent = {library: ['downloads']}

describe('up, for the first time', () => {
  it('makes and writes before it creates; a dry run makes nothing', async () => {
    const folder = await tempFolder()
    const stack = qbittorrentIn(path.join(folder, 'configs/qbittorrent'), path.join(folder, 'media'))
    const dry = await carry(hereFor(stack), stack, 'up', {intent, dryRun: true})
    expect(dry.plans[0]?.stages[0]?.map(({action}) => action)).toEqual(['create-folder', 'create-folder', 'configure'])
    await expect(stat(path.join(folder, 'configs'))).rejects.toThrow('ENOENT')
    const {outcomes} = await carry(hereFor(stack), stack, 'up', {intent})
    expect(new Set(outcomes.map(({result}) => result))).toEqual(new Set(['done']))
    expect((await stat(path.join(folder, 'media/downloads'))).isDirectory()).toBe(true)
    expect(await readFile(path.join(folder, 'configs/qbittorrent/qBittorrent/qBittorrent.conf'), 'utf8')).toContain('/data/downloads')
  })

  it('does not create a service whose configuration could not be written: its image would write its own', async () => {
    const media = await tempFolder()
    await mkdir(path.join(media, 'downloads'))
    // It leads nowhere, so no folder can be made there, not even by root.
    const settings = path.join(media, 'settings')
    await symlink(path.join(media, 'gone', 'settings'), settings)
    const stack = qbittorrentIn(settings, media)
    const {outcomes} = await carry(hereFor(stack), stack, 'up', {intent})
    expect(outcomeLines(outcomes)).toEqual([
      expect.stringMatching(/^configure qbittorrent: failed \(.*qBittorrent\.conf could not be made: /),
      'create qbittorrent: skipped (not done, as an earlier step failed)',
      'wait qbittorrent: skipped (not done, as an earlier step failed)',
    ])
  })

  it('looks at nothing of this machine where Docker is on another', async () => {
    const folder = await tempFolder()
    const stack = qbittorrentIn(path.join(folder, 'configs'), folder)
    const {outcomes, plans} = await carry(new MemoryEngine(stack), stack, 'up', {intent})
    expect(outcomes.map(({step}) => step.action)).toEqual(['create', 'wait'])
    expect(plans[0]?.notes.join()).toContain('Docker runs on elsewhere')
  })
})
