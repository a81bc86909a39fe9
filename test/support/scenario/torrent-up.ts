import {expect} from 'vitest'
import type {Lab} from '../../lab/lab.js'
import {text} from './outcome.js'
import {NOBODY, sendTo} from './settings.js'
import {torrentStack, type TorrentStack} from './torrent-stack.js'

/** The torrent stack, up, with notifications that reach nobody. */
export async function torrentUp(lab: Lab): Promise<TorrentStack> {
  await sendTo(lab, NOBODY)
  const up = await lab.homelab(['stack', 'torrent', 'up'])
  expect(up.exitCode, text(up.all)).toBe(0)
  return torrentStack(lab)
}
