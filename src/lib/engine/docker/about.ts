import type Docker from 'dockerode'
import type {About} from '../engine.js'
import {observeNetworks} from './networks.js'

/** The name of the machine that Docker runs on. */
export async function machineName(docker: Docker): Promise<string> {
  const {Name = ''} = (await docker.info()) as {Name?: string}
  return Name
}

/** What Docker says of itself. */
export async function about(docker: Docker, signal: AbortSignal): Promise<About> {
  const [info, version, {all}] = await Promise.all([
    docker.info() as Promise<{DockerRootDir?: string; Name?: string}>,
    docker.version(),
    observeNetworks(docker, '', signal),
  ])
  return {version: version.Version, architecture: version.Arch, machine: info.Name ?? '', root: info.DockerRootDir ?? '', subnets: all}
}
