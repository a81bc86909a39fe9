import {setTimeout as sleep} from 'node:timers/promises'
import {beforeAll, describe, expect, it} from 'vitest'
import {DEPENDENTS, PUBLISHED} from '../support/scenario/torrent-stack.js'
import {useLab} from '../support/scenario/lab.js'
import {ask, docker, fingerprint, imageId, inspect, namespaceOf} from '../support/scenario/docker.js'

describe('the torrent stack', () => {
  const lab = useLab()
  const container = (service: string): string => lab().container('torrent', service)
  const stack = async (...args: string[]) => lab().homelab(['stack', 'torrent', ...args])
  type StepJson = {action: string; target: string; result?: string}
  const steps = (json: string): StepJson[] => (JSON.parse(json) as {stacks: {steps: StepJson[]}[]}).stacks.flatMap((one) => one.steps)
  const text = (output: unknown): string => String(output)

  const expectAttached = async (): Promise<void> => {
    const present = await namespaceOf(container('gluetun'))
    const theirs = await Promise.all(DEPENDENTS.map((name) => namespaceOf(container(name))))
    expect(present).toMatch(/^net:/)
    expect(theirs).toEqual(DEPENDENTS.map(() => present))
    for (const [port, service] of Object.entries(PUBLISHED)) expect(await ask(lab().ports[port])).toContain(service)
  }

  beforeAll(async () => {
    const up = await stack('up')
    expect(up.exitCode, text(up.all)).toBe(0)
  })

  it('comes up with all nine dependents in the gateway’s namespace, reachable through its ports', expectAttached)

  it('finds nothing to do when it is up', async () => {
    const before = await fingerprint(lab().id)
    const again = await stack('up')
    expect(again.exitCode).toBe(0)
    expect(text(again.stdout)).toContain('nothing to do')
    expect(await fingerprint(lab().id)).toEqual(before)
  })

  it('is all good in its status', async () => {
    const status = await stack('status', '--json')
    const {stacks} = JSON.parse(text(status.stdout)) as {stacks: {services: {verdict: string}[]}[]}
    expect(stacks[0]?.services.map(({verdict}) => verdict)).toEqual(Array.from({length: 10}, () => 'good'))
    expect(status.exitCode).toBe(0)
  })

  it.each([
    ['up'],
    ['restart'],
    ['restart', 'gluetun'],
    ['restart', 'sonarr'],
    ['stop', 'gluetun'],
    ['down'],
    ['start'],
    ['pull'],
    ['update', '--force-recreate'],
  ])('changes nothing in a dry run of %s %s', async (...args) => {
    const before = await fingerprint(lab().id)
    const dry = await stack(...args.filter((word) => word !== undefined), '--dry-run')
    expect(dry.exitCode, text(dry.all)).toBe(0)
    expect(text(dry.stdout)).toContain('what would be done')
    expect(await fingerprint(lab().id)).toEqual(before)
  })

  it.each([
    ['restart', 'gluetun'],
    ['restart'],
    ['stop', 'sonarr'],
    ['start', 'sonarr'],
    ['update', '--force-recreate', 'radarr'],
    ['stop'],
    ['start'],
  ])('takes in a real run the steps that the dry run of %s %s printed', async (...args) => {
    const words = args.filter((word) => word !== undefined)
    const planned = steps(text((await stack(...words, '--dry-run', '--json')).stdout))
    const real = await stack(...words, '--json')
    expect(real.exitCode, text(real.all)).toBe(0)
    const taken = steps(text(real.stdout))
    expect(planned.length).toBeGreaterThan(0)
    expect(taken.map(({action, target}) => `${action} ${target}`)).toEqual(planned.map(({action, target}) => `${action} ${target}`))
    expect(taken.every(({result}) => result === 'done')).toBe(true)
  })

  it('ends a restart of the stack with all dependents in the gateway’s new namespace', async () => {
    const before = await inspect(container('gluetun'))
    const restart = await stack('restart')
    expect(restart.exitCode, text(restart.all)).toBe(0)
    const after = await inspect(container('gluetun'))
    expect(after.Id).toBe(before.Id)
    expect(after.State.StartedAt).not.toBe(before.State.StartedAt)
    await expectAttached()
  })

  it('takes the dependents along when gluetun alone is restarted, and says so', async () => {
    const restart = await stack('restart', 'gluetun')
    expect(restart.exitCode, text(restart.all)).toBe(0)
    expect(text(restart.stdout)).toContain('gluetun takes along what lives in its network namespace')
    await expectAttached()
  })

  it('lets one command at a time work on the stack: another waits for it, or ends with 75', async () => {
    const first = stack('restart', 'gluetun')
    await sleep(1500)
    const [patient, impatient] = await Promise.all([
      stack('update', '--force-recreate', 'sonarr'),
      stack('restart', 'sonarr', '--wait', '0'),
    ])
    expect((await first).exitCode, text((await first).all)).toBe(0)
    expect(impatient.exitCode, text(impatient.all)).toBe(75)
    expect(text(impatient.all)).toContain('The stack is busy: homelab stack torrent restart (pid ')
    expect(patient.exitCode, text(patient.all)).toBe(0)
    expect(text(patient.stderr)).toContain('Waiting for homelab stack torrent restart')
    await expectAttached()
  })

  it('sees and repairs what a plain docker restart cuts off, although Docker calls it healthy', async () => {
    await docker('restart', '-t', '1', container('gluetun'))
    expect((await inspect(container('sonarr'))).State.Health?.Status).toBe('healthy')
    const status = await stack('status')
    expect(status.exitCode).toBe(1)
    expect(text(status.stdout)).toMatch(/✗ +sonarr +cut off/)
    const up = await stack('up')
    expect(up.exitCode, text(up.all)).toBe(0)
    await expectAttached()
  })

  it('recreates dependents whose gateway was removed', async () => {
    await docker('rm', '--force', container('gluetun'))
    const up = await stack('up')
    expect(up.exitCode, text(up.all)).toBe(0)
    await expectAttached()
  })

  it('leaves stopped what a person stopped', async () => {
    await stack('stop', 'bazarr')
    const restart = await stack('restart', 'gluetun')
    expect(restart.exitCode, text(restart.all)).toBe(0)
    expect((await inspect(container('bazarr'))).State.Status).toBe('exited')
    expect((await stack('start', 'bazarr')).exitCode).toBe(0)
    await expectAttached()
  })

  it('updates a service whose registry has a new image: it runs it, and is healthy; again: nothing', async () => {
    const others = await inspect(container('radarr'))
    await lab().push('sonarr', {version: '2.0.0'})
    const update = await stack('update', 'sonarr')
    expect(update.exitCode, text(update.all)).toBe(0)
    expect(text(update.stdout)).toContain('1.0.0 → 2.0.0')
    const sonarr = await inspect(container('sonarr'))
    expect(sonarr.Image).toBe(await imageId(await registryOf(container('sonarr'))))
    expect(sonarr.State.Health?.Status).toBe('healthy')
    expect(await ask(lab().ports.SONARR_PORT)).toBe('sonarr 2.0.0\n')
    expect((await inspect(container('radarr'))).Id).toBe(others.Id)

    const again = await stack('update', 'sonarr')
    expect(again.exitCode).toBe(0)
    expect(text(again.stdout)).toContain('nothing to do')
    expect((await inspect(container('sonarr'))).Id).toBe(sonarr.Id)
  })

  it('reads logs, also as JSON', async () => {
    const logs = await stack('logs', 'sonarr', '-n', '5')
    expect(text(logs.stdout)).toContain('stand-in for sonarr, version 2.0.0')
    const json = await stack('logs', 'sonarr', '-n', '1', '--json')
    const line = JSON.parse(text(json.stdout).split('\n')[0] ?? '') as {service: string; text: string}
    expect(line.service).toBe('sonarr')
  })

  it('leaves nothing behind when it goes down', async () => {
    const down = await stack('down')
    expect(down.exitCode, text(down.all)).toBe(0)
    expect(await fingerprint(lab().id)).toEqual([])
    expect(await docker('network', 'ls', '--format', '{{.Name}}')).not.toContain(lab().id)
  })

  async function registryOf(name: string): Promise<string> {
    return docker('inspect', '--format', '{{.Config.Image}}', name)
  }
})
