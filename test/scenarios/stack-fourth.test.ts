import {mkdir, readFile, rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {beforeAll, describe, expect, inject, it} from 'vitest'
import {docker, inspect, namespaceOf} from '../support/scenario/docker.js'
import {miniService, miniStack, runHomelab} from '../support/scenario/homes.js'
import {useLab} from '../support/scenario/lab.js'
import {expectRefused, report, text} from '../support/scenario/outcome.js'
import {worldOf} from '../support/scenario/world.js'

describe("a user's own fourth stack", () => {
  const lab = useLab()
  const at = (name: string): string => path.join(lab().home, name)
  const image = (): string => `${inject('registry')}/${lab().id}/tautulli:latest`
  const project = (name: string): string => `${lab().id}-${name}`
  const books = (): string => `${project('books')}-shelf-1`
  const networks = async (): Promise<string> => docker('network', 'ls', '--format', '{{.Name}}')
  const homelab = (...args: string[]) => lab().homelab(args)

  /** A stack as its user would write it: a service of its own, on the network that Compose makes for it. */
  const stackOf = (name: string): string =>
    miniStack(`\${HOMELAB_PREFIX}-${name}`, {shelf: miniService({image: image(), lab: lab().id, port: 8181})})

  beforeAll(() => writeFile(at('compose/books.yml'), stackOf('books')))

  it('is there as soon as its file is', async () => {
    const list = await homelab('stack', 'list')
    expect(list.exitCode, text(list.all)).toBe(0)
    expect(text(list.stdout)).toMatch(/^books +books\.yml$/m)
    const json = await homelab('stack', 'list', '--json')
    expect(report(json).stacks.map(({stack}) => stack)).toEqual(['books', 'plex', 'services', 'torrent'])
  })

  it('comes up on a network of its own, and its status is good', async () => {
    const up = await homelab('stack', 'books', 'up')
    expect(up.exitCode, text(up.all)).toBe(0)
    expect((await inspect(books())).State.Health?.Status).toBe('healthy')
    expect((await networks()).split('\n')).toContain(`${project('books')}_default`)
    expect(await networks()).not.toContain(`${lab().id}_media_network`)
    const status = await homelab('stack', 'books', 'status')
    expect(status.exitCode, text(status.all)).toBe(0)
    expect(text(status.stdout)).toMatch(/✓ +shelf +healthy/)
  })

  it('is updated', async () => {
    await lab().push('tautulli', {version: '2.0.0'})
    const update = await homelab('stack', 'books', 'update', 'shelf')
    expect(update.exitCode, text(update.all)).toBe(0)
    expect(text(update.stdout)).toContain('1.0.0 → 2.0.0')
    expect((await inspect(books())).Image).toBe(await docker('image', 'inspect', '--format', '{{.Id}}', image()))
  })

  it('takes what its override file says, and lists it', async () => {
    const before = await inspect(books())
    await writeFile(at('compose/books.override.yml'), 'services:\n  shelf:\n    labels:\n      from.override: "yes"\n')
    expect(text((await homelab('stack', 'list')).stdout)).toMatch(/^books +books\.yml \+ books\.override\.yml$/m)
    const up = await homelab('stack', 'books', 'up')
    expect(up.exitCode, text(up.all)).toBe(0)
    const after = await inspect(books())
    expect(after.Id).not.toBe(before.Id)
    expect(after.Config.Labels).toMatchObject({'from.override': 'yes', 'io.homelab.lab': lab().id})
    expect(text((await homelab('stack', 'books', 'up')).stdout)).toContain('nothing to do')
  })

  it('goes down with its network', async () => {
    const down = await homelab('stack', 'books', 'down')
    expect(down.exitCode, text(down.all)).toBe(0)
    expect(await worldOf(lab().id).then((world) => world.filter((line) => !line.includes('sha256:')))).toEqual([])
  })

  it('waits in `all up` for the stacks that homelab.yml puts before it, and goes down before them', async () => {
    await writeFile(at('compose/albums.yml'), stackOf('albums'))
    const started = async (name: string): Promise<number> => Date.parse((await inspect(`${project(name)}-shelf-1`)).State.StartedAt)
    // Against the alphabet.
    const [first, second] = ['books', 'albums']
    const home = await ownHome({compose: 'own', stacks: {[second]: {after: [first]}}})
    const up = await home('stack', 'all', 'up')
    expect(up.exitCode, text(up.all)).toBe(0)
    expect(await started(first)).toBeLessThan(await started(second))
    const lines = text(up.stdout).split('\n')
    const line = (pattern: RegExp): number => lines.findIndex((each) => pattern.test(each))
    expect(line(/books: wait for shelf: done/)).toBeGreaterThanOrEqual(0)
    expect(line(/books: wait for shelf: done/)).toBeLessThan(line(/ albums: /))
    const down = text((await home('stack', 'all', 'down')).stdout)
    expect(down.indexOf('albums: stop and remove shelf: done')).toBeGreaterThanOrEqual(0)
    expect(down.indexOf('albums: stop and remove shelf: done')).toBeLessThan(down.indexOf('books: stop and remove shelf: done'))
    expect(text((await homelab('stack', 'list', '--json')).stdout)).toContain('albums')
  })

  it('may come after torrent: the list says so, and a stack that does not exist is refused', async () => {
    await writeFile(at('homelab.yml'), 'stacks: {books: {after: [torrent]}}\n')
    expect(text((await homelab('stack', 'list')).stdout)).toMatch(/^books +books\.yml.* after torrent$/m)
    await writeFile(at('homelab.yml'), 'stacks: {books: {after: [torent]}}\n')
    await expectRefused((args) => lab().homelab(args), ['stack', 'list'], {
      exit: 78,
      says: 'the stack "torent", which has no Compose file',
      next: 'torrent',
    })
    await writeFile(at('homelab.yml'), '{}\n')
  })

  it('may be put together from files of other names', async () => {
    await writeFile(at('compose/extra.yaml'), 'services:\n  shelf:\n    labels:\n      from.extra: "yes"\n')
    await writeFile(at('homelab.yml'), 'stacks: {library: {files: [albums.yml, extra.yaml]}}\n')
    const list = report(await homelab('stack', 'list', '--json')).stacks.map(({stack}) => stack)
    expect(list).toEqual(['books', 'library', 'plex', 'services', 'torrent'])
    const up = await homelab('stack', 'library', 'up')
    expect(up.exitCode, text(up.all)).toBe(0)
    expect((await inspect(`${project('albums')}-shelf-1`)).Config.Labels).toMatchObject({'from.extra': 'yes'})
    expect((await homelab('stack', 'library', 'down')).exitCode).toBe(0)
  })

  it('shares its project with another file: down takes its own, and what no file declares only with --orphans', async () => {
    const own = await ownHome({compose: 'own'})
    const shared = (service: string, network: string): string =>
      miniStack(project('books'), {[service]: miniService({image: image(), lab: lab().id, port: 8181, more: [`networks: [${network}]`]})}) +
      `networks: {${network}: {}}\n`
    await writeFile(at('own/albums.yml'), shared('sleeve', 'inner'))
    await writeFile(at('own/stray.yml'), shared('stray', 'outer'))
    // As their user would without homelab, and with a file that is gone by now.
    const up = async (name: string): Promise<string> =>
      docker('compose', '--project-directory', at('own'), '-f', at(`own/${name}.yml`), 'up', '-d')
    for (const name of ['books', 'albums', 'stray']) await up(name)
    await rm(at('own/stray.yml'))
    const status = await own('stack', 'books', 'status')
    expect(status.exitCode, text(status.all)).toBe(1)
    expect(text(status.stdout)).toMatch(/✗ +stray +running, and in no Compose file; down --orphans removes it/)
    expect(text(status.stdout)).not.toContain('sleeve')
    expect(text((await own('stack', 'books', 'down', '--dry-run')).stdout)).toMatch(
      /left alone: stray \(no Compose file of the homelab declares it/,
    )
    expect((await own('stack', 'books', 'down')).exitCode).toBe(0)
    const left = async (): Promise<string[]> =>
      (await docker('ps', '--filter', `label=com.docker.compose.project=${project('books')}`, '--format', '{{.Names}}'))
        .split('\n')
        .toSorted()
    expect(await left()).toEqual([`${project('books')}-sleeve-1`, `${project('books')}-stray-1`])
    expect((await networks()).split('\n')).toEqual(expect.arrayContaining([`${project('books')}_inner`, `${project('books')}_outer`]))
    expect((await networks()).split('\n')).not.toContain(`${project('books')}_default`)
    expect((await own('stack', 'books', 'down', '--orphans')).exitCode).toBe(0)
    expect(await left()).toEqual([`${project('books')}-sleeve-1`])
    expect((await own('stack', 'albums', 'down')).exitCode).toBe(0)
    expect(await worldOf(lab().id).then((world) => world.filter((line) => !line.includes('sha256:')))).toEqual([])
  })

  it('runs under another project already: doctor says it, and up is refused before anything is created', async () => {
    const own = await ownHome({compose: 'own'}, [])
    await writeFile(
      at('own/tapes.yml'),
      miniStack('x', {shelf: miniService({image: image(), lab: lab().id, port: 8181})}).replace(/^name: x\n/, ''),
    )
    await docker('compose', '-p', `${lab().id}-plain`, '-f', at('own/tapes.yml'), 'up', '-d')
    const before = await worldOf(lab().id)
    expect(text((await own('doctor')).stdout)).toMatch(new RegExp(`✗ +project of tapes +the project ${lab().id}-plain has shelf`))
    await expectRefused((args) => own(...args), ['stack', 'all', 'up'], {
      exit: 78,
      says: `the project ${lab().id}-plain has shelf (${lab().id}-plain-shelf-1)`,
      next: `write "name: ${lab().id}-plain" at the top of`,
    })
    expect(await worldOf(lab().id)).toEqual(before)
    // Either way that it tells.
    await writeFile(at('own/tapes.yml'), `name: ${lab().id}-plain\n${await readFile(at('own/tapes.yml'), 'utf8')}`)
    expect(text((await own('stack', 'tapes', 'status')).stdout)).toMatch(/✓ +shelf/)
    expect((await own('stack', 'tapes', 'down')).exitCode).toBe(0)
  })

  it('has a service in the network of a container by its name: cut off is told, and mended', async () => {
    const gateway = `${lab().id}-door`
    const service = (more: readonly string[]): string => miniService({image: image(), lab: lab().id, port: 8181, more})
    const services = {door: service([`container_name: ${gateway}`]), guest: service([`network_mode: "container:${gateway}"`])}
    const own = await ownHome({compose: 'own'}, [])
    await writeFile(at('own/inn.yml'), miniStack(project('inn'), services))
    const up = await own('stack', 'inn', 'up')
    expect(up.exitCode, text(up.all)).toBe(0)
    const said = async (): Promise<string> => text((await own('stack', 'inn', 'status')).stdout)
    await docker('compose', '-f', at('own/inn.yml'), 'up', '-d', '--force-recreate', '--no-deps', 'door')
    expect(await said()).toMatch(/✗ +guest +cut off: belongs to a door that is gone/)
    const cascade = await own('cascade', 'inn')
    expect(cascade.exitCode, text(cascade.all)).toBe(0)
    expect(await said()).toMatch(/✓ +guest +healthy/)
    expect(await namespaceOf(`${project('inn')}-guest-1`)).toBe(await namespaceOf(gateway))
    expect((await own('stack', 'inn', 'down')).exitCode).toBe(0)
  })

  it.each([['status'], ['all']])('cannot be called %s, a word of the command line', async (word) => {
    const own = await ownHome({compose: 'own'})
    await writeFile(at(`own/${word}.yml`), stackOf('books'))
    await expectRefused((args) => own(...args), ['stack', 'books', 'status'], {
      exit: 78,
      says: `A stack cannot be called "${word}": that is a word of the command line.`,
      next: 'Rename its Compose file',
    })
  })

  /** Only the user's own stacks, so that `all` is not the whole homelab. */
  async function ownHome(
    configuration: object,
    names = ['albums', 'books'],
  ): Promise<(...args: string[]) => ReturnType<typeof runHomelab>> {
    await rm(at('own'), {recursive: true, force: true})
    await mkdir(at('own'))
    await writeFile(at('own/.env'), await readFile(at('compose/.env'), 'utf8'), {mode: 0o600})
    for (const name of names) await writeFile(at(`own/${name}.yml`), stackOf(name))
    const file = at('own-homelab.yml')
    await writeFile(file, JSON.stringify(configuration))
    return (...args) => runHomelab(args, {...lab().env, HOMELAB_CONFIG: file})
  }
})
