import {z} from 'zod'

const seconds = z.number().int().positive().max(86_400)

const timeouts = z.strictObject({
  /** Seconds a service may take to become healthy. */
  healthy: seconds.default(300),
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
  stacks: z.record(z.string(), stack).default({}),
})

export type Configuration = z.infer<typeof schema>
