import type {Lab} from '../../lab/lab.js'

/** `homelab …`, which has to end with 0. */
export async function succeed(lab: Lab, ...args: readonly string[]): Promise<void> {
  // Every start of Node reads it, and a homelab has no use for it.
  const {exitCode, all} = await lab.homelab(args, {NODE_EXTRA_CA_CERTS: ''})
  if (exitCode !== 0) throw new Error(`homelab ${args.join(' ')} ended with ${exitCode}:\n${String(all)}`)
}
