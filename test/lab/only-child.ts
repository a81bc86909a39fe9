import {readFile} from 'node:fs/promises'

/** `unshare --fork` and `nsenter --pid` wait for the one process that they start in other namespaces: that one. */
export async function onlyChildOf(parent: number | undefined): Promise<number> {
  return Number((await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8')).trim())
}
