import {createHash} from 'node:crypto'
import {gzipSync} from 'node:zlib'
import {pack} from 'tar-stream'
import {buffer} from 'node:stream/consumers'

/** An image as a registry stores it: made here, pushed over HTTP, so that no engine keeps anything of it. */
export type Image = {
  readonly layers: readonly Layer[]
  readonly config: Buffer
  readonly manifest: Buffer
}

export type Layer = {readonly blob: Buffer; readonly digest: string; readonly diffId: string}

export type File = {readonly path: string; readonly content?: string | Buffer; readonly link?: string; readonly mode?: number}

export type ImageConfig = {
  readonly entrypoint: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  /** Nanoseconds, as Docker has it. */
  readonly healthcheck?: {
    readonly Test: readonly string[]
    readonly Interval?: number
    readonly Timeout?: number
    readonly Retries?: number
  }
}

const TYPES = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
}

export const MANIFEST_TYPE = TYPES.manifest

export const digestOf = (data: Buffer): string => `sha256:${createHash('sha256').update(data).digest('hex')}`

/** The same files give the same layer: nothing in it depends on the time. */
export async function makeLayer(files: readonly File[]): Promise<Layer> {
  const tar = pack()
  for (const {path, content, link, mode} of files) {
    const header = {name: path, mode: mode ?? 0o755, mtime: new Date(0)}
    if (link !== undefined) tar.entry({...header, type: 'symlink', linkname: link})
    else if (content === undefined) tar.entry({...header, type: 'directory'})
    else tar.entry(header, content)
  }
  tar.finalize()
  const plain = await buffer(tar)
  const blob = gzipSync(plain)
  return {blob, digest: digestOf(blob), diffId: digestOf(plain)}
}

export function makeImage(layers: readonly Layer[], {entrypoint, env = {}, labels = {}, healthcheck}: ImageConfig): Image {
  const config = json({
    architecture: architecture(),
    os: 'linux',
    created: '2026-01-01T00:00:00Z',
    config: {
      Entrypoint: entrypoint,
      Env: ['PATH=/bin', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
      Labels: labels,
      ...(healthcheck && {Healthcheck: healthcheck}),
    },
    rootfs: {type: 'layers', diff_ids: layers.map(({diffId}) => diffId)},
  })
  const manifest = json({
    schemaVersion: 2,
    mediaType: TYPES.manifest,
    config: {mediaType: TYPES.config, size: config.length, digest: digestOf(config)},
    layers: layers.map(({blob, digest}) => ({mediaType: TYPES.layer, size: blob.length, digest})),
  })
  return {layers, config, manifest}
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

const architecture = (): string => (process.arch === 'x64' ? 'amd64' : process.arch)
