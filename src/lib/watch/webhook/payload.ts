import {z} from 'zod'
import type {Change} from '../../model/update.js'

/** What was posted is not what we understand. */
export class BadPayload extends Error {}

const MOST = 500

const name = z.string().min(1).max(255)
const tag = z.string().regex(/^[\w][\w.-]{0,127}$/, 'is no tag')
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is no digest')
const label = z.string().max(255).optional()

/** https://github.com/getwud/wud, 8.3.1; recorded ones lie beside this file's tests. */
const wud = z.object({
  id: z.string().max(128).optional(),
  name,
  labels: z.object({'com.docker.compose.project': label, 'com.docker.compose.service': label}).optional(),
  result: z.object({tag: tag.optional(), digest: digest.optional(), created: z.string().max(64).optional()}).optional(),
  updateAvailable: z.boolean(),
  updateKind: z.object({kind: z.enum(['tag', 'digest', 'unknown']), remoteValue: z.string().max(255).optional()}),
})

const script = z.object({container: name, image: z.string().max(1024).optional(), tag: tag.optional()})

/** @throws BadPayload, which says where and what. */
export function parseAnnouncements(body: Buffer): Announcement[] {
  const found = toJson(body)
  if (!Array.isArray(found)) return [one(found, '')]
  if (found.length === 0) throw new BadPayload('the array is empty')
  if (found.length > MOST) throw new BadPayload(`the array has more than ${MOST} entries`)
  return found.map((entry: unknown, index) => one(entry, `[${index}]`))
}

function toJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(body))
  } catch {
    throw new BadPayload('the body is no JSON')
  }
}

function one(entry: unknown, where: string): Announcement {
  if (typeof entry !== 'object' || entry === null) throw new BadPayload(`${where || 'the body'} is no object`)
  return 'container' in entry ? fromScript(checked(script, entry, where)) : fromWud(checked(wud, entry, where))
}

function checked<T>(schema: z.ZodType<T>, entry: unknown, where: string): T {
  const result = schema.safeParse(entry)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const place = [...(where === '' ? [] : [where]), ...(issue?.path.map(String) ?? [])].join('.')
  throw new BadPayload(`${place || 'the body'}: ${issue?.message ?? 'is not understood'}`)
}

function fromScript({container, tag: wanted}: z.infer<typeof script>): Announcement {
  const change: Change = wanted === undefined ? {kind: 'digest', digest: undefined} : {kind: 'tag', tag: wanted}
  return {form: 'script', name: withoutSlash(container), change, updateAvailable: true}
}

function fromWud({id, name: named, labels, result, updateAvailable, updateKind}: z.infer<typeof wud>): Announcement {
  const {'com.docker.compose.project': project, 'com.docker.compose.service': service} = labels ?? {}
  const created = Date.parse(result?.created ?? '')
  return {
    form: 'wud',
    ...(id !== undefined && {containerId: id}),
    name: withoutSlash(named),
    labels: {...(project !== undefined && {project}), ...(service !== undefined && {service})},
    change: changeOf(result, updateKind),
    ...(!Number.isNaN(created) && {imageCreatedAt: created}),
    updateAvailable,
  }
}

/** Without an update the new tag may be missing. */
function changeOf(result: z.infer<typeof wud>['result'], {kind, remoteValue}: z.infer<typeof wud>['updateKind']): Change {
  const remote = digest.safeParse(result?.digest ?? remoteValue).data
  if (kind !== 'tag') return {kind: 'digest', digest: remote}
  const fresh = tag.safeParse(result?.tag ?? remoteValue)
  if (!fresh.success) throw new BadPayload('result.tag: is missing')
  return {kind: 'tag', tag: fresh.data, ...(remote !== undefined && {digest: remote})}
}

const withoutSlash = (text: string): string => text.replace(/^\//, '')

/** What somebody posted of one container. */
export type Announcement = {
  /** `wud`: What's Up Docker's own object; `script`: the small form. */
  readonly form: 'wud' | 'script'
  readonly containerId?: string
  readonly name: string
  readonly labels?: {readonly project?: string; readonly service?: string}
  readonly change: Change
  /** Epoch milliseconds. */
  readonly imageCreatedAt?: number
  readonly updateAvailable: boolean
}

/** What became of one announcement. Part of the program's interface: fields are added, never renamed. */
export type Accepted = {
  readonly name: string
  /** "torrent/sonarr" */
  readonly service?: string
  /** The id of its job. */
  readonly job?: string
  readonly status: 'queued' | 'duplicate' | 'ignored' | 'unknown' | 'current' | 'rejected'
  readonly reason?: string
}
