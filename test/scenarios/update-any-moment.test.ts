import {spawn} from 'node:child_process'
import {once} from 'node:events'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {beforeAll, describe, expect, inject, it} from 'vitest'
import {ROOT} from '../lab/workshop.js'
import {childrenOf} from '../support/scenario/children.js'
import {keptStack} from '../support/scenario/kept-stack.js'
import {useLab} from '../support/scenario/lab.js'
import {text} from '../support/scenario/outcome.js'
import {writeSettings} from '../support/scenario/settings.js'
import {updatesOf} from '../support/scenario/updates.js'

/** How many moments, of each kind: `HOMELAB_MOMENTS=10 npm run scenarios -- update-any-moment`. */
const MOMENTS = Number(process.env.HOMELAB_MOMENTS ?? 1)

type Kind = 'SIGKILL' | 'a closed terminal'

/** An update with a copy of the configuration, cut off at any moment; then an ordinary `up`: the old or the new, whole. */
describe('an update cut off at a random moment', () => {
  const lab = useLab()
  let stack: Awaited<ReturnType<typeof keptStack>>
  let updates: ReturnType<typeof updatesOf>
  let whole = 20_000
  let serial = 0
  const words = ['stack', 'kept', 'update', 'sonarr', '--timeout', '10']

  /** In a terminal of its own: when `script` ends, the kernel takes that away. */
  const start = (kind: Kind) => {
    const env = {...process.env, ...lab().env}
    const program = [process.execPath, path.join(ROOT, 'bin/run.cjs'), ...words]
    return kind === 'SIGKILL'
      ? spawn(program[0]!, program.slice(1), {env, stdio: 'ignore'})
      : spawn('script', ['--quiet', '--flush', '--return', '--command', program.join(' '), '/dev/null'], {env, stdio: 'ignore'})
  }
  const cut = async (kind: Kind, after: number): Promise<boolean> => {
    const child = start(kind)
    const ended = once(child, 'exit').then(() => true)
    if (await Promise.race([ended, sleep(after, false)])) return false
    const children = kind === 'SIGKILL' ? await childrenOf(child.pid!) : []
    child.kill('SIGKILL')
    await ended
    for (const one of children) process.kill(one, 'SIGKILL')
    return true
  }
  const state = async (): Promise<string> =>
    [await stack.version('sonarr'), await stack.database('sonarr'), await stack.healthy('sonarr')].join(' ')

  beforeAll(async () => {
    stack = await keptStack(lab(), inject('registry'), {sonarr: 8989})
    updates = updatesOf(lab(), 'kept')
    await writeSettings(lab(), {updates: {services: {'kept/sonarr': {backup: true}}}, timeouts: {healthy: 30}})
    const began = performance.now()
    await lab().push('sonarr', {version: '2.0.0'})
    const {exitCode, all} = await lab().homelab(words)
    expect(exitCode, text(all)).toBe(0)
    whole = performance.now() - began
  }, 240_000)

  const rounds = Array.from({length: MOMENTS}).flatMap(() => ['SIGKILL', 'a closed terminal'] as const)
  it.each(rounds)(
    '%s',
    async (kind) => {
      const old = await stack.version('sonarr')
      const version = `3.${++serial}.0`
      const bad = Math.random() < 0.5
      await lab().push('sonarr', {version, ...(bad && {mode: 'never-healthy' as const})})
      const after = Math.random() * (bad ? whole + 10_000 : whole)
      const isCut = await cut(kind, after)
      const shown = await lab().homelab(['stack', 'kept', 'status'])
      const up = await lab().homelab(['stack', 'kept', 'up'])
      const open = text(shown.all).match(/An update of .*(interrupted|under way)/)?.[1]
      const is = await state()
      console.log(
        `${kind} after ${Math.round(after)} ms${isCut ? '' : ' (it had ended)'}, ${bad ? 'bad' : 'good'}, ${open ?? 'none open'}: up ${up.exitCode}; ${old} -> ${is}`,
      )
      expect([0, 1, 3], text(up.all)).toContain(up.exitCode)
      expect(bad ? [`${old} ${old} healthy`] : [`${old} ${old} healthy`, `${version} ${version} healthy`], text(up.all)).toContain(is)
      await updates.expectClosed()
    },
    240_000,
  )
})
