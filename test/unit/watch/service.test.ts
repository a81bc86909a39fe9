import {describe, expect, it} from 'vitest'
import {ears, type Watcher} from '../../../src/lib/watch/supervisor.js'
import {heartbeat} from '../../../src/lib/watch/heartbeat.js'
import {service} from '../../../src/lib/watch/systemd-notify.js'

const never = new AbortController().signal
const listener = (run: Watcher['run']) => (): Watcher => ({name: 'listener', run})

/** A service of one loop, and what systemd hears of it. */
function started() {
  const told: string[] = []
  const tell =
    (what: string) =>
    (text = '') =>
      Promise.resolve(void told.push(`${what} ${text}`.trim()))
  const systemd = {ready: tell('READY'), status: tell('STATUS'), watchdog: tell('WATCHDOG'), stopping: tell('STOPPING')}
  let turned = (): void => undefined
  const beat = heartbeat('updates', Date.now, () => turned())
  const listeners = ears(() => turned())
  const {listen: listens, add} = listeners
  turned = service({systemd, watchdog: undefined, pulses: () => [beat.pulse()], listens, now: Date.now, signal: never}).turned
  return {told, beat, add}
}

describe('READY', () => {
  it('comes when it listens and has looked, in whichever order', () => {
    for (const order of ['looks', 'listens'] as const) {
      const {told, beat, add} = started()
      let heard = (): void => undefined
      add((now) => {
        heard = now
        return listener(() => Promise.resolve())()
      })
      const acts = [() => beat.looked('idle'), () => heard()]
      for (const act of order === 'looks' ? acts : acts.toReversed()) {
        expect(told).toEqual([])
        act()
      }
      expect(told).toEqual(['READY updates: idle'])
    }
  })

  it('comes also if one cannot listen, and only once', async () => {
    const {told, beat, add} = started()
    const taken = add(listener(() => Promise.reject(new Error('EADDRINUSE'))))
    beat.looked('idle')
    expect(told).toEqual([])
    await expect(taken.run(never)).rejects.toThrow('EADDRINUSE')
    await expect(taken.run(never)).rejects.toThrow('EADDRINUSE')
    beat.looked('idle')
    expect(told).toEqual(['READY updates: idle'])
  })
})
