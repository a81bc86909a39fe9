import {describe, expect, it} from 'vitest'
import {runHook, lastWords} from '../../../src/lib/update/hook.js'

const sh = (script: string, limit = 10) =>
  runHook({command: ['/bin/sh', '-c', script], limit, environment: {HOMELAB_SERVICE: 'sonarr'}}, new AbortController().signal)

describe('what a command of the operator prints', () => {
  it('is kept, of both streams, in one line', async () => {
    expect(await sh('echo "dumping $HOMELAB_SERVICE"; sleep 0.05; echo done >&2')).toBe('it said: dumping sonarr | done')
    expect(await sh(':')).toBeUndefined()
  })

  it('is told with its failure', async () => {
    await expect(sh('echo "no room" >&2; exit 3')).rejects.toThrow('The command /bin/sh failed: exit code 3. It said: no room')
    await expect(sh('echo waiting; sleep 60', 0.2)).rejects.toThrow('it was ended after 0.2 s. It said: waiting')
    await expect(runHook({command: ['/nowhere'], limit: 1, environment: {}}, new AbortController().signal)).rejects.toThrow(/ENOENT\.$/)
  })

  it('is not waited for when what it has started holds it open', async () => {
    const began = Date.now()
    expect(await sh('sleep 5 & echo "$!"')).toMatch(/^it said: \d+$/)
    expect(Date.now() - began).toBeLessThan(3_000)
  })
})

describe('last words', () => {
  const said = (...chunks: (string | Buffer)[]): string => {
    const words = lastWords()
    chunks.forEach((chunk) => words.hear(chunk))
    return words.text()
  }

  it('are without control characters, which would move a terminal', () => {
    expect(said('\u001b[31mred\u001b[0m\r\n\n  a\tb  \n')).toBe('[31mred [0m | a b')
  })

  it('are whole though a character comes in two parts', () => {
    const [first, rest] = [Buffer.from('ü').subarray(0, 1), Buffer.from('ü').subarray(1)]
    expect(said('f', first, rest, 'r')).toBe('für')
  })

  it('are the last, and show that there was more', () => {
    const many = said(...Array.from({length: 30}, (_, at) => `line ${at}\n`))
    expect([many.slice(0, 16), many.slice(-7)]).toEqual(['… line 10 | line', 'line 29'])
    const long = said('x'.repeat(100_000), 'end')
    expect([long.length, long.endsWith('xend')]).toEqual([1_002, true])
  })
})
