import {basename} from 'node:path'
import {HomelabCommand} from '../../lib/cli/base-command.js'
import {palette} from '../../lib/ui/palette.js'
import {columns} from '../../lib/ui/table.js'

type Listed = {stacks: {stack: string; files: readonly string[]; after: readonly string[]}[]}

export default class StackList extends HomelabCommand {
  static override summary = 'The stacks, and the Compose files they are made of.'
  static override examples = ['homelab stack list']

  async run(): Promise<Listed> {
    const {flags} = await this.parse(StackList)
    const {stacks, configuration, composeDir} = await this.setting(flags)
    const listed = stacks.map(({name, files}) => ({stack: name, files, after: configuration.stacks[name]?.after ?? []}))
    const colours = palette(this.terminal(flags))
    const rows = listed.map(({stack, files, after}) => [
      colours.bold(stack),
      files.map((file) => basename(file)).join(' + '),
      after.length > 0 ? `after ${after.join(', ')}` : '',
    ])
    columns(rows).forEach((line) => this.log(line))
    this.log(colours.dim(stacks.length > 0 ? `in ${composeDir}` : `no stack yet: put a Compose file into ${composeDir}`))
    return {stacks: listed}
  }
}
