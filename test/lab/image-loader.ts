import {buffer} from 'node:stream/consumers'
import {execa} from 'execa'
import {pack} from 'tar-stream'
import {digestOf, type Image} from './oci-image.js'
import type {Registry} from './registry.js'

/**
 * In the place of a registry, for a daemon that can reach none: what is pushed is loaded into it at once, under the name
 * that the registry would have given it. `up` finds it there; a pull finds nobody.
 * @param dockerHost unix://…
 */
export const imageLoader = (dockerHost: string): Registry => ({
  host: '127.0.0.1:9',
  push: async (repository, tag, image) => {
    const input = await archiveOf(`127.0.0.1:9/${repository}:${tag}`, image)
    await execa('docker', ['load', '--quiet'], {env: {DOCKER_HOST: dockerHost}, input})
  },
  stop: () => Promise.resolve(),
})

/** As `docker save` writes it; layers may be compressed. */
async function archiveOf(name: string, {layers, config}: Image): Promise<Buffer> {
  const tar = pack()
  const fileOf = (digest: string): string => digest.slice('sha256:'.length)
  const configFile = `${fileOf(digestOf(config))}.json`
  const layerFiles = layers.map(({digest}) => `${fileOf(digest)}.tar.gz`)
  layers.forEach(({blob}, index) => tar.entry({name: layerFiles[index] ?? ''}, blob))
  tar.entry({name: configFile}, config)
  tar.entry({name: 'manifest.json'}, JSON.stringify([{Config: configFile, RepoTags: [name], Layers: layerFiles}]))
  tar.finalize()
  return buffer(tar)
}
