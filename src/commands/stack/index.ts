import {usageError} from '../../lib/util/errors.js'
import {suggestions} from '../../lib/stack/select.js'
import {StackCommand} from '../../lib/cli/stack-command.js'
import {VERB_WORDS} from '../../lib/cli/command-line.js'

/** Reached when the words hold no verb: says what could have been meant. */
export default class Stack extends StackCommand {
  // oclif reads this from the class itself, not from its parents.
  static override strict = false
  static override summary = 'Operate the stacks: homelab stack <stack|all> <verb> [service…]; verb and stack may change places.'
  static override usage = '<%= command.id %> <stack|all> <verb> [service…]'
  static override description = `Verbs: ${VERB_WORDS.join(', ')}. More on each: homelab stack <verb> --help. The stacks: homelab stack list.`
  static override examples = ['homelab stack torrent status', 'homelab stack all up', 'homelab stack torrent update sonarr']

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(
      Stack,
      this.argv.filter((word) => !word.startsWith('-') || isOwn(word)),
    )
    const [, verb] = argv as string[]
    const {stacks, all} = await this.choose((argv as string[]).slice(0, 1), flags)
    const stack = all ? 'all' : (stacks[0]?.name ?? '')
    if (verb === undefined)
      throw usageError(
        `What about ${stack}?`,
        VERB_WORDS.map((word) => `homelab stack ${stack} ${word}`),
      )
    throw usageError(`"${verb}" is no verb of homelab stack.`, suggestions(verb, VERB_WORDS, 'Verbs'))
  }
}

/** The flags of a verb that was mistyped are not wrong: the verb is. */
const isOwn = (word: string): boolean =>
  ['json', 'help', 'no-color', ...Object.keys(Stack.baseFlags)].some((name) => word === `--${name}` || word.startsWith(`--${name}=`))
