import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'

/** Where a private daemon listens, and what is typed to start its two programs. */
export type DaemonSettings = {
  readonly host: string
  /** The folder of its images and containers. */
  readonly data: string
  readonly dockerd: readonly string[]
  readonly containerd: readonly string[]
}

export const daemonLog = (folder: string): string => path.join(folder, 'daemon.log')

const CONTAINERD_SOCKET = '/run/containerd/containerd.sock'

/**
 * Files of their own for both: without them they would read this machine's. What is below /run is in the daemon's own /run
 * (see private-machine.ts), the rest and the socket in the folder.
 * @param cgroup The parent of all containers' cgroups.
 */
export async function writeDaemonSettings(folder: string, cgroup: string): Promise<DaemonSettings> {
  await mkdir(folder, {recursive: true})
  const data = path.join(folder, 'data')
  const host = `unix://${path.join(folder, 'docker.sock')}`
  const dockerd = {
    hosts: [host],
    'data-root': data,
    'exec-root': '/run/docker',
    pidfile: '/run/docker.pid',
    containerd: CONTAINERD_SOCKET,
    'cgroup-parent': `/${cgroup}`,
    // Not systemd's, also where there is one: its slices are this machine's.
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
  }
  const containerd = `version = 2
root = ${JSON.stringify(path.join(folder, 'containerd'))}
state = "/run/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "${CONTAINERD_SOCKET}"
`
  const files = {dockerd: path.join(folder, 'daemon.json'), containerd: path.join(folder, 'containerd.toml')}
  await Promise.all([writeFile(files.dockerd, JSON.stringify(dockerd)), writeFile(files.containerd, containerd)])
  return {host, data, dockerd: ['dockerd', '--config-file', files.dockerd], containerd: ['containerd', '--config', files.containerd]}
}
