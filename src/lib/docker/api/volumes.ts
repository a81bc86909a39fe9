import type Docker from 'dockerode'
import type {VolumePlace} from '../engine.js'
import {isNotFound} from '../errors.js'

/**
 * Where a volume is on the machine of the daemon. One of the local driver with options (`type`, `o`, `device`: nfs, another
 * folder, tmpfs) is mounted at its mountpoint only while a container uses it: what is there otherwise is an empty folder.
 */
export async function volumePlace(docker: Docker, name: string, abortSignal: AbortSignal): Promise<VolumePlace | undefined> {
  try {
    const {Driver, Mountpoint, Options} = await docker.getVolume(name).inspect({abortSignal})
    if (Driver !== 'local') return {unreachable: `its driver is ${Driver}`}
    const options = Object.keys(Options ?? {})
    return options.length === 0 ? {folder: Mountpoint} : {unreachable: `its driver has options (${options.join(', ')})`}
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
