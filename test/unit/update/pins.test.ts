import {readdir, readFile, stat, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, it} from 'vitest'
import {isImageReference} from '../../../src/lib/model/image.js'
import {pinsOf} from '../../../src/lib/update/pins.js'
import {tempFolder} from '../../support/unit/temp-folder.js'

const SONARR = 'lscr.io/linuxserver/sonarr:2.15.1'
const DIGEST = `sha256:${'a1'.repeat(32)}`

async function pins() {
  const folder = await tempFolder()
  return {folder, file: path.join(folder, 'torrent.pins.yml'), files: pinsOf(folder)}
}

describe('the pins of a stack', () => {
  it('are a Compose file that everybody may read, and that says what it is', async () => {
    const {files, file, folder} = await pins()
    expect(await files.read('torrent')).toEqual(new Map())
    const umask = process.umask(0o077)
    await files.write('torrent', 'sonarr', SONARR).finally(() => process.umask(umask))
    const text = await readFile(file, 'utf8')
    expect(text).toMatch(/\n {2}sonarr:\n {4}image: "lscr\.io\/linuxserver\/sonarr:2\.15\.1"\n$/)
    for (const said of [
      'homelab stack torrent rollback <service>',
      'docker compose -f torrent.yml -f torrent.pins.yml',
      "delete the service's entry",
    ]) {
      expect(text).toContain(said)
    }
    expect((await stat(file)).mode & 0o777).toBe(0o644)
    expect(await readdir(folder)).toEqual(['torrent.pins.yml'])
  })

  it('are read as they were written, whatever the services are called', async () => {
    const {files, folder} = await pins()
    const names = ['sonarr', 'on', 'null', '1e3', '1.5', '_x', 'A-b', '__proto__', '-']
    for (const name of names) await files.write('torrent', name, `ghcr.io/x/y:${name.length}@${DIGEST}`)
    await files.write('torrent', 'sonarr', SONARR)
    const read = await pinsOf(folder).read('torrent')
    expect([...read.keys()].toSorted()).toEqual(names.toSorted())
    expect(read.get('sonarr')).toBe(SONARR)
    expect(await files.read('plex')).toEqual(new Map())
  })

  it('are taken away one by one, and the file with the last', async () => {
    const {files, folder, file} = await pins()
    await files.write('torrent', 'sonarr', SONARR)
    await files.write('torrent', 'radarr', 'radarr:1')
    await files.write('torrent', 'sonarr', undefined)
    expect(await files.read('torrent')).toEqual(new Map([['radarr', 'radarr:1']]))
    await writeFile(path.join(folder, '.torrent.pins.yml.0123456789ab.tmp'), 'left by a killed process')
    await files.write('torrent', 'radarr', undefined)
    await files.write('torrent', 'radarr', undefined)
    expect(await readdir(folder)).toEqual([])
    await writeFile(file, '# nothing\n')
    await files.write('torrent', 'radarr', undefined)
    expect(await readdir(folder)).toEqual([])
  })

  it.each(['', 'a:1\n', '${TAG}', 'a:$TAG', 'a b', 'a:1"', 'a/B', '-a', 'a:', 'a@sha256:1', 'a//b', `a:${'x'.repeat(129)}`])(
    'refuse an image that Compose would not take as it stands: %j',
    async (reference) => {
      const {files, folder} = await pins()
      await expect(files.write('torrent', 'sonarr', reference)).rejects.toMatchObject({exitCode: 78})
      expect(await readdir(folder)).toEqual([])
    },
  )

  it('refuse what is no name of a service or of a stack', async () => {
    const {files} = await pins()
    await expect(files.write('torrent', 'a: b', SONARR)).rejects.toMatchObject({exitCode: 78})
    await expect(files.write('../torrent', 'sonarr', SONARR)).rejects.toMatchObject({exitCode: 78})
  })

  it.each(['a', 'a:1', 'localhost:5000/a/b_c__d-e.f:v1.0_x', `a@${DIGEST}`, `x.io/a:1@${DIGEST}`, '[::1]:5000/a', DIGEST, 'Host.io/a'])(
    'take the image %s',
    (reference) => expect(isImageReference(reference)).toBe(true),
  )
})

describe('a pins file that somebody edited', () => {
  it.each([
    ['services:\n  sonarr:\n    image: [', 3],
    ['services:\n  sonarr:\n    image: sonarr:2\n    restart: always\n', 4],
    ['services:\n  sonarr:\n    image: sonarr:2\n  sonarr:\n    image: sonarr:3\n', 4],
    ['services:\n  sonarr:\n    image: sonarr:$TAG\n', 3],
    ['services:\n  sonarr:\n    image: 2\n', 3],
    ['services:\n  sonarr:\n', 2],
    ['services:\n  sonarr: {}\n', 2],
    ['services:\n  sonarr: sonarr:2\n', 2],
    ['services:\n  - sonarr\n', 2],
    ['services:\n  1: {image: a}\n', 2],
    ['x-a: &a\n  image: b\nservices:\n  sonarr: *a\n', 1],
    ['services:\n  sonarr:\n    <<: *a\n', 3],
    ['# mine\nnetworks:\n  x: {}\n', 2],
    ['# mine\nservices:\n', 2],
    ['text', 1],
    ['services:\n  a: {image: b}\n---\nservices: {}\n', 3],
  ])('is refused with its line, and is left as it is: %j', async (text, line) => {
    const {files, file} = await pins()
    await writeFile(file, text)
    const error = {
      exitCode: 78,
      message: expect.stringContaining(`${file}, line ${line}: `) as string,
      next: [expect.any(String), expect.stringContaining(`rm ${file}`)],
    }
    await expect(files.read('torrent')).rejects.toMatchObject(error)
    await expect(files.write('torrent', 'sonarr', SONARR)).rejects.toMatchObject(error)
    expect(await readFile(file, 'utf8')).toBe(text)
  })

  it('is read where it says the same in another way', async () => {
    const {files, file} = await pins()
    await writeFile(file, "# mine\nservices: {sonarr: {image: 'sonarr:2'}, radarr: {image: radarr}}\n")
    expect(await files.read('torrent')).toEqual(
      new Map([
        ['sonarr', 'sonarr:2'],
        ['radarr', 'radarr'],
      ]),
    )
    await writeFile(file, '')
    expect(await files.read('torrent')).toEqual(new Map())
  })

  it('is an error that names it where it cannot be used', async () => {
    const {folder} = await pins()
    const files = pinsOf(path.join(folder, 'nowhere'))
    expect(await files.read('torrent')).toEqual(new Map())
    await expect(files.write('torrent', 'sonarr', SONARR)).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining('nowhere/torrent.pins.yml') as string,
    })
  })
})
