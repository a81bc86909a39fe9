import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import type {ImageStore} from './image-store.js'

/** Where a private daemon listens, and what is typed to start its two programs. */
export type DaemonSettings = {
  readonly host: string
  /** The folder of all its images and containers. */
  readonly disk: string
  readonly dockerd: readonly string[]
  readonly containerd: readonly string[]
}

export const daemonLog = (folder: string): string => path.join(folder, 'daemon.log')

const CONTAINERD_SOCKET = '/run/containerd/containerd.sock'
/** Where every client looks; in the daemon's own /run. */
const USUAL_SOCKET = 'unix:///run/docker.sock'

/**
 * Files of their own for both: without them they would read this machine's. What is below /run is in the daemon's own /run
 * (see private-machine.ts), the rest and the socket in the folder.
 * @param cgroup The parent of all containers' cgroups.
 */
export async function writeDaemonSettings(folder: string, cgroup: string, store: ImageStore): Promise<DaemonSettings> {
  const disk = path.join(folder, 'disk')
  await mkdir(disk, {recursive: true})
  const host = `unix://${path.join(folder, 'docker.sock')}`
  const dockerd = {
    hosts: [host, USUAL_SOCKET],
    'data-root': path.join(disk, 'docker'),
    'exec-root': '/run/docker',
    pidfile: '/run/docker.pid',
    containerd: CONTAINERD_SOCKET,
    'cgroup-parent': `/${cgroup}`,
    // Not systemd's, also where there is one: its slices are this machine's.
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
    features: {'containerd-snapshotter': store === 'containerd'},
  }
  const containerd = `version = 2
root = ${JSON.stringify(path.join(disk, 'containerd'))}
state = "/run/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "${CONTAINERD_SOCKET}"
`
  const files = {dockerd: path.join(folder, 'daemon.json'), containerd: path.join(folder, 'containerd.toml')}
  await Promise.all([writeFile(files.dockerd, JSON.stringify(dockerd)), writeFile(files.containerd, containerd)])
  return {host, disk, dockerd: ['dockerd', '--config-file', files.dockerd], containerd: ['containerd', '--config', files.containerd]}
}
