import {mkdir, readFile, rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {beforeAll, describe, expect, inject, it} from 'vitest'
import {docker, inspect} from './support/docker.js'
import {miniService, miniStack, runHomelab} from './support/homes.js'
import {useLab} from './support/lab.js'
import {expectRefused, report, text} from './support/outcome.js'
import {worldOf} from './support/world.js'

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
  async function ownHome(configuration: object): Promise<(...args: string[]) => ReturnType<typeof runHomelab>> {
    await rm(at('own'), {recursive: true, force: true})
    await mkdir(at('own'))
    await writeFile(at('own/.env'), await readFile(at('compose/.env'), 'utf8'), {mode: 0o600})
    for (const name of ['albums', 'books']) await writeFile(at(`own/${name}.yml`), stackOf(name))
    const file = at('own-homelab.yml')
    await writeFile(file, JSON.stringify(configuration))
    return (...args) => runHomelab(args, {...lab().env, HOMELAB_CONFIG: file})
  }
})
