import {z} from 'zod'
import {POLICIES, WEEKDAYS} from '../model/update.js'

/** What may be said of updates in `homelab.yml`; every key is explained in homelab.example.yml. Times in seconds. */

const DAY_S = 86_400
const seconds = z.number().int().positive().max(DAY_S)
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is no time of the day, like "02:00"')
const page = z
  .string()
  .refine((text) => /^https?:\/\/\S+$/.test(text) && URL.canParse(text), 'is no address, like "http://127.0.0.1:8989/ping"')

const timezone = z.string().refine((name) => {
  try {
    return new Intl.DateTimeFormat('en', {timeZone: name}) instanceof Intl.DateTimeFormat
  } catch {
    return false
  }
}, 'is no time zone, like "Europe/Berlin"')

const window = z.strictObject({from: time, to: time, days: z.array(z.enum(WEEKDAYS)).min(1).optional(), timezone: timezone.optional()})
const minAge = z
  .number()
  .int()
  .min(0)
  .max(365 * DAY_S)
const folder = z.string().startsWith('/', 'is no path from the root, like "/config"')
const command = z.array(z.string().min(1)).min(1)

const service = z.strictObject({
  policy: z.enum(POLICIES).optional(),
  window: window.optional(),
  minAge: minAge.optional(),
  gate: z.strictObject({running: seconds.optional(), healthyFor: z.number().int().min(0).max(DAY_S).optional()}).optional(),
  probe: page.optional(),
  backup: z.boolean().optional(),
  backupPaths: z.array(folder).min(1).optional(),
  before: command.optional(),
  after: command.optional(),
  hookTimeout: seconds.optional(),
})

const gate = z.strictObject({running: seconds.default(10), healthyFor: z.number().int().min(0).max(DAY_S).default(15)})
const pull = z.strictObject({attempts: z.number().int().positive().max(20).default(3), backoff: seconds.default(5)})

export const updates = z.strictObject({
  policy: z.enum(POLICIES).default('auto'),
  window: window.optional(),
  minAge: minAge.default(0),
  keep: z.number().int().min(0).max(20).default(1),
  gate: gate.prefault({}),
  probeTimeout: seconds.default(30),
  backup: z.boolean().default(false),
  pull: pull.prefault({}),
  services: z.record(z.string().regex(/^[a-z0-9][a-z0-9_-]*\/[A-Za-z0-9][\w.-]*$/, 'is no "stack/service"'), service).default({}),
  /** Where What's Up Docker's announcements are listened for: "auto" is loopback and the shared network's own address. */
  listen: z
    .union(
      [z.enum(['auto', 'off']), z.array(z.union([z.ipv4(), z.ipv6()])).min(1)],
      'is neither "auto" nor "off" nor a list of IP addresses',
    )
    .default('auto'),
  rate: z.number().int().positive().max(100_000).default(600),
  body: z.number().int().min(1_000).max(16_777_216).default(1_048_576),
  wud: page.optional(),
  catchUp: time.default('06:30'),
  batch: z.number().int().min(0).max(3600).default(30),
})
