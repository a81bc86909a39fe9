import type {Home, Environment} from './environment.js'
import type {Configuration} from './schema.js'
import type {StackFiles} from '../model/stack.js'

/** What is known of the homelab before any program is run. */
export type Setting = {
  readonly environment: Environment
  readonly home: Home
  readonly configuration: Configuration
  readonly composeDir: string
  readonly stacks: readonly StackFiles[]
}
