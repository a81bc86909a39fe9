import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {askThrough, type RunInside} from '../../../src/lib/vpn/ask-through.js'

const never = new AbortController().signal
const targets = ['http://1.1.1.1/', 'dns://9.9.9.9']
const NAMES = 'Server:\t\t9.9.9.9\nAddress:\t9.9.9.9:53\n\nName:\texample.com\n'
/** By the first word of what is run: "wget". */
const running = (answers: Record<string, () => Promise<{code: number; output: string} | undefined>>) => {
  const ran: string[] = []
  const run: RunInside = async ([, , program = '']) => {
    ran.push(program)
    return answers[program]?.()
  }
  return {run, ran}
}

describe('a question through the tunnel', () => {
  it('is answered by the first, and the other is not asked', async () => {
    const {run, ran} = running({wget: async () => ({code: 8, output: 'ERROR 403: Forbidden.'})})
    expect(await askThrough({run, targets, seconds: 3}, never)).toEqual({answered: 'http://1.1.1.1/'})
    expect(ran).toEqual(['wget'])
  })

  it('is answered by the second one while the first is silent', async () => {
    const {run} = running({
      wget: async () => (await sleep(5_000, undefined, {ref: false}), {code: 143, output: ''}),
      nslookup: async () => ({code: 0, output: NAMES}),
    })
    const began = performance.now()
    expect(await askThrough({run, targets, seconds: 3}, never)).toEqual({answered: 'dns://9.9.9.9'})
    expect(performance.now() - began).toBeLessThan(4_000)
  })

  it('that nobody answers has what came of each', async () => {
    const {run} = running({wget: async () => ({code: 143, output: ''}), nslookup: async () => undefined})
    const answer = await askThrough({run, targets, seconds: 3}, never)
    expect('attempts' in answer && answer.attempts.map(({target, is}) => `${target} ${is}`)).toEqual([
      'http://1.1.1.1/ blocked',
      'dns://9.9.9.9 unclear',
    ])
  })

  it('that cannot be asked is not an answer', async () => {
    const {run} = running({
      wget: () => Promise.reject(new Error('no such container')),
      nslookup: () => Promise.reject(new Error('no such container')),
    })
    const answer = await askThrough({run, targets, seconds: 3}, never)
    expect('attempts' in answer && answer.attempts.map(({is, says}) => `${is}: ${says}`)).toEqual([
      'unclear: no such container',
      'unclear: no such container',
    ])
  })

  it('ends with a signal', async () => {
    const ending = new AbortController()
    const {run} = running({
      wget: () => (ending.abort(), Promise.reject(new Error('aborted'))),
      nslookup: () => Promise.reject(new Error('aborted')),
    })
    await expect(askThrough({run, targets, seconds: 3}, ending.signal)).rejects.toThrow()
  })
})
