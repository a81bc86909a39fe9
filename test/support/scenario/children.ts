import {readFile} from 'node:fs/promises'

/** The processes that it has started. */
export async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return children
    .split(' ')
    .filter((one) => one !== '')
    .map(Number)
}
