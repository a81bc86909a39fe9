import type Docker from 'dockerode'
import type {Credentials} from './credentials.js'
import type {PullProgress} from '../../model/plan.js'

type Message = {id?: string; status?: string; error?: string; progressDetail?: {current?: number; total?: number}}

/** Pulls through the engine's API, which, unlike `docker compose pull` before 2.27, tells the progress of each layer. */
export async function pullImage(
  docker: Docker,
  reference: string,
  credentials: Credentials,
  onProgress: (progress: PullProgress) => void,
  abortSignal: AbortSignal,
): Promise<void> {
  const authconfig = await credentials(reference)
  const stream = await docker.pull(withTag(reference), {abortSignal, ...(authconfig && {authconfig})})
  const layers = new Map<string, Layer>()
  await new Promise<void>((resolve, reject) => {
    // dockerode takes an error that comes as a message for progress, and the pull for a success.
    let failure: Error | undefined
    const finished = (error: Error | null): void => {
      const wrong = error ?? failure
      if (wrong === undefined) resolve()
      else reject(wrong)
    }
    docker.modem.followProgress(stream, finished, (message: Message) => {
      if (message.error !== undefined) failure ??= new Error(message.error)
      note(layers, message)
      onProgress(summary(layers))
    })
  })
}

type Layer = {readonly done: boolean; readonly bytes: number; readonly total: number}

/** Without a tag the API would pull every tag of the repository. */
const withTag = (reference: string): string => (/(:[^/]+|@sha256:.+)$/.test(reference) ? reference : `${reference}:latest`)

function note(layers: Map<string, Layer>, message: Message): void {
  const {id, status} = message
  if (id === undefined || status === undefined || status.startsWith('Pulling from')) return
  layers.set(id, advanced(layers.get(id) ?? {done: false, bytes: 0, total: 0}, status, message.progressDetail))
}

function advanced(layer: Layer, status: string, detail: Message['progressDetail']): Layer {
  switch (status) {
    case 'Downloading':
      return {...layer, bytes: detail?.current ?? layer.bytes, total: detail?.total ?? layer.total}
    case 'Download complete':
      return {...layer, bytes: layer.total}
    case 'Pull complete':
    case 'Already exists':
      return {...layer, done: true}
    default:
      return layer
  }
}

function summary(layers: ReadonlyMap<string, Layer>): PullProgress {
  const all = [...layers.values()]
  return {
    layers: all.length,
    layersDone: all.filter((layer) => layer.done).length,
    bytes: all.reduce((sum, layer) => sum + layer.bytes, 0),
    bytesTotal: all.reduce((sum, layer) => sum + layer.total, 0),
  }
}
