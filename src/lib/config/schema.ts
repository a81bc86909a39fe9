import {z} from 'zod'
import {updates} from './updates-schema.js'

const seconds = z.number().int().positive().max(86_400)

/** What follows the last colon, if that is a number; an IPv6 address without a port ends with "]". */
const hasPort = (address: string): boolean => Number(/:?(\d{1,5})$/.exec(address)?.[1] ?? 0) <= 65_535
const PORT = 'its port is more than 65535'

const timeouts = z.strictObject({
  /** Seconds a service may take to become healthy. */
  healthy: seconds.default(300),
})

/** The cascade: what to do when a gateway's network namespace is gone. Times in seconds. */
const cascade = z.strictObject({
  /** How long a gateway may take to become healthy before that is an alert. */
  gateway: seconds.default(300),
  /** How long dependents may take to become healthy after they were brought back. */
  verify: seconds.default(120),
  /** How often one repair is tried before that is an alert. */
  attempts: z.number().int().positive().max(100).default(3),
  /** Before the second attempt; doubles with each. */
  backoff: seconds.default(10),
  /** More cascades than this within an hour are a restart loop. */
  perHour: z.number().int().positive().max(1000).default(5),
  /** How long cascades pause after a restart loop. */
  pause: seconds.default(3600),
  /** Restarts that follow each other within this time, before the repair is done, count as one cascade. */
  debounce: seconds.default(30),
})

const watch = z.strictObject({
  /** Seconds between two looks at the state when no event hints at a change. */
  resync: seconds.default(60),
  /** Where `/health` is served: address:port, or a port of this machine alone; "off": nowhere. */
  listen: z
    .string()
    .regex(/^(off|([\w.:[\]-]+:)?\d{1,5})$/, 'is neither address:port nor "off"')
    .refine(hasPort, PORT)
    .default('127.0.0.1:8183'),
  /** Seconds that Docker may be away before that is an alert. */
  dockerAway: seconds.default(60),
})

const page = z.url({protocol: /^https?$/, error: 'is no address, like "https://api.ipify.org"'})

/** A page, or a name server, which is asked over UDP. */
const outside = z
  .string()
  .regex(/^(https?:\/\/[^\s/]\S*|dns:\/\/(\w[\w.-]*|\[[\da-f:]+\])(:\d{1,5})?)$/i, {
    error: 'is neither a page, like "http://1.1.1.1/", nor a name server, like "dns://1.1.1.1"',
  })
  .refine((target) => !/^dns:/i.test(target) || hasPort(target), PORT)

/** What `homelab vpn` asks. */
const vpn = z.strictObject({
  /** Gluetun's control server; without it, where the gateway publishes its port 8000. */
  control: page.optional(),
  /** Who tells this machine's own address. */
  ownAddress: z
    .array(page)
    .max(20)
    .default(['https://api.ipify.org', 'https://icanhazip.com', 'https://checkip.amazonaws.com', 'https://ifconfig.me/ip']),
  /** What `homelab vpn check --kill-switch` tries to reach. */
  outside: z
    .array(outside)
    .min(1)
    .max(20)
    .default([
      'http://1.1.1.1/',
      'http://9.9.9.9/',
      'http://example.com/',
      'http://[2606:4700:4700::1111]/',
      'dns://1.1.1.1',
      'dns://9.9.9.9',
    ]),
  /** What is asked through the tunnel to see whether anything comes back: the first, and the others if it does not answer at once. */
  through: z.array(outside).min(2).max(5).default(['http://1.1.1.1/', 'dns://9.9.9.9']),
  /** Seconds between two looks of `homelab watch` at the forwarded port. */
  every: seconds.default(5),
  /** Seconds for one answer. */
  timeout: seconds.default(3),
})

const percent = z.number().min(1).max(100)

/** What `homelab health` takes for well. */
const health = z.strictObject({
  /** Seconds for one probe, and for one folder. */
  timeout: z.number().positive().max(4).default(2),
  /** Percent of a disk, or of its inodes, in use. */
  disk: z.strictObject({warn: percent.default(85), bad: percent.default(95)}).prefault({}),
  /** Whether the media folder has to be a disk of its own. */
  mediaDisk: z.boolean().default(true),
  /** Below the media folder: what hardlinks are made between. */
  library: z
    .array(z.string().regex(/^[^/].*$/, 'is no folder below the media folder'))
    .max(20)
    .default(['downloads', 'movies', 'tv']),
})

const stack = z.strictObject({
  /** Compose files instead of `<stack>.yml` and its override; relative to the Compose folder. */
  files: z.array(z.string().min(1)).min(1).optional(),
  /** Stacks that `homelab stack all` brings up before this one. */
  after: z.array(z.string().min(1)).default([]),
})

/** `homelab.yml`; every key is explained in homelab.example.yml. */
export const schema = z.strictObject({
  /** The folder of the Compose files, relative to the homelab's own folder. */
  compose: z.string().min(1).default('compose'),
  /** The Docker context to work on, unless --context or DOCKER_HOST says otherwise. */
  context: z.string().min(1).optional(),
  timeouts: timeouts.prefault({}),
  cascade: cascade.prefault({}),
  watch: watch.prefault({}),
  updates: updates.prefault({}),
  vpn: vpn.prefault({}),
  health: health.prefault({}),
  stacks: z.record(z.string(), stack).default({}),
})

export type Configuration = z.infer<typeof schema>
