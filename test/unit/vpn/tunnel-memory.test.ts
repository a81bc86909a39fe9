import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {rememberedTunnel, tunnelNotes} from '../../../src/lib/vpn/tunnel-memory.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

describe('what is known of a tunnel', () => {
  it('is read as it was written, and nothing at first', async () => {
    const notes = tunnelNotes(await tempFolder(), 'torrent', 'gluetun')
    expect(await notes.read()).toEqual({})
    const memory = {dead: {since: 5, received: 7, sent: 9}, portless: {since: 1, told: true}, reconnects: {attempts: 1, notBefore: 3}}
    await notes.write(memory)
    expect(await notes.read()).toEqual(memory)
  })

  it('of a damaged file is what is whole of it', async () => {
    const folder = await tempFolder()
    await mkdir(path.join(folder, 'vpn'))
    const file = path.join(folder, 'vpn', 'torrent-gluetun.json')
    await writeFile(file, '{"dead": {"since": "yesterday"}, "portless": {"since": 1, "told": false}}')
    expect(await rememberedTunnel(folder)('torrent', 'gluetun')).toEqual({portless: {since: 1, told: false}})
    await writeFile(file, '{"dead": ')
    expect(await rememberedTunnel(folder)('torrent', 'gluetun')).toEqual({})
  })
})
