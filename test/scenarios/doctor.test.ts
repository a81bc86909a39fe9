import {chmod, mkdir, stat, writeFile} from 'node:fs/promises'
import {createServer} from 'node:net'
import path from 'node:path'
import {execa} from 'execa'
import {beforeAll, describe, expect, it} from 'vitest'
import type {Finding} from '../../src/lib/model/finding.js'
import {useLab} from '../support/scenario/lab.js'
import {itUnless, lacksRoot} from '../support/scenario/needs.js'
import {text} from '../support/scenario/outcome.js'
import {setVariables} from '../support/scenario/settings.js'

describe('homelab doctor', () => {
  const lab = useLab()
  const file = (name: string): string => path.join(lab().home, name)

  const doctor = async (args: readonly string[] = [], env: Record<string, string> = {}) => {
    const plain = await lab().homelab(['doctor', ...args], env)
    const json = await lab().homelab(['doctor', '--json'], env)
    const {findings, ok} = JSON.parse(text(json.stdout)) as {findings: Finding[]; ok: boolean}
    return {code: plain.exitCode, ok, said: text(plain.all), found: findings.map(({is, check, says}) => `${is} ${check}: ${says}`)}
  }

  beforeAll(async () => {
    await writeFile(file('homelab.yml'), JSON.stringify({health: {mediaDisk: false}}))
    const wanted = ['recyclarr', 'cross-seed', 'suggestarr', 'kitana', 'maintainerr', 'beszel', 'seerr']
    await Promise.all(wanted.map((name) => mkdir(file(`configs/${name}`))))
  })

  it('finds nothing wrong before the first start', async () => {
    const {code, ok, found} = await doctor()
    expect(found.filter((line) => line.startsWith('bad') && !line.includes('/dev/net/tun'))).toEqual([])
    expect(found).toContainEqual(expect.stringMatching(/^good Docker Engine: \d+/))
    expect(found).toContainEqual(expect.stringMatching(/^good Docker Compose: \d+/))
    expect(found).toContainEqual(expect.stringMatching(/^good ports: \d+ wanted, none is taken by others/))
    expect(found).toContainEqual(
      expect.stringMatching(/^unknown images: none is here yet, so whether they are for \w+ is not known; \d+ will be pulled/),
    )
    expect(code === 0).toBe(ok)
  })

  it('names who has a port', async () => {
    const port = lab().ports.SONARR_PORT ?? 0
    const server = createServer().listen(port, '127.0.0.1')
    const {code, found} = await doctor()
    server.close()
    expect(code).toBe(1)
    // Only root is told whose sockets are whose.
    const who = process.getuid?.() === 0 ? `\\S+ \\(pid ${process.pid}\\)` : 'another program'
    expect(found).toContainEqual(expect.stringMatching(new RegExp(`^bad port ${port}: torrent/gluetun wants it, and ${who}`)))
  })

  it('is content with ports that the homelab itself has', async () => {
    const up = await lab().homelab(['stack', 'torrent', 'up', 'gluetun'])
    expect(up.exitCode, text(up.all)).toBe(0)
    expect((await doctor()).found).toContainEqual(expect.stringMatching(/^good ports:/))
    expect((await doctor()).found).toContainEqual(expect.stringMatching(/^good images: [1-9]\d* here/))
  })

  it('.env that others may read: told, and mended with --fix', async () => {
    await chmod(file('compose/.env'), 0o644)
    expect((await doctor()).found).toContainEqual(expect.stringMatching(/^bad \.env: .*others on this machine can read it/))
    const dry = await lab().homelab(['doctor', '--fix', '--dry-run'])
    expect(text(dry.stdout)).toContain(`would: chmod 600 ${file('compose/.env')}`)
    expect((await stat(file('compose/.env'))).mode & 0o777).toBe(0o644)
    expect((await doctor(['--fix'])).said).toContain(`did: chmod 600 ${file('compose/.env')}`)
    expect((await stat(file('compose/.env'))).mode & 0o777).toBe(0o600)
  })

  itUnless(lacksRoot(), 'a folder that a service cannot make: mended with --fix; one of somebody else is not touched', async () => {
    await setVariables(lab(), {PUID: '4711', PGID: '4712'})
    await execa('rm', ['-r', file('configs/kitana')])
    const {said} = await doctor(['--fix'])
    expect(said).toContain(`did: sudo install -d -o 4711 -g 4712 ${file('configs/kitana')}`)
    const {uid, gid} = await stat(file('configs/kitana'))
    expect([uid, gid]).toEqual([4711, 4712])
    expect(said).toMatch(/folder recyclarr +\S+ belongs to 0:0, and recyclarr runs as 4711:4712\n +sudo chown -R 4711:4712 /)
    expect((await stat(file('configs/recyclarr'))).uid).toBe(0)
    await setVariables(lab(), {PUID: '0', PGID: '0'})
  })

  it('a Compose with a known bug, and one that is too old', async () => {
    const withCompose = async (version: string): Promise<string[]> => {
      const config = file(`docker-${version}`)
      await mkdir(path.join(config, 'cli-plugins'), {recursive: true})
      const script = `#!/bin/sh
case "$1" in docker-cli-plugin-metadata) echo '{"SchemaVersion":"0.1.0","Vendor":"x","Version":"${version}"}'; exit ;; esac
case "$*" in *version*) echo ${version} ;; *) exit 1 ;; esac
`
      await writeFile(path.join(config, 'cli-plugins', 'docker-compose'), script, {mode: 0o755})
      return (await doctor([], {DOCKER_CONFIG: config})).found
    }
    expect(await withCompose('5.2.0')).toContainEqual(
      'bad Docker Compose: 5.2.0 recreates everybody behind a gateway at every up; mended in 5.3.0',
    )
    expect(await withCompose('2.10.2')).toContainEqual(
      expect.stringMatching(/^bad Docker Compose: 2\.10\.2 is too old: 2\.24\.4 is needed/),
    )
  })

  it('a Docker that is not there', async () => {
    const {code, found} = await doctor([], {DOCKER_HOST: `unix://${file('nobody.sock')}`})
    expect(code).toBe(1)
    expect(found).toContain('bad Docker Engine: No Docker daemon answers.')
    expect(found).toContain('unknown stacks: none could be read, so tunnel, ports, folders and images were not checked')
    expect(found.join()).not.toContain('good ports')
  })
})
