import {readFile} from 'node:fs/promises'
import type {StackFiles} from '../../model/declared.js'

/**
 * The project of a stack whose files have no `name:`; undefined if one has. Compose would call it after the folder, so
 * that two such stacks were one project and replaced each other's containers.
 */
export async function projectWithoutName({name, files}: StackFiles, prefix: string): Promise<string | undefined> {
  // A file that cannot be read is Compose's to complain about.
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => 'name:')))
  return texts.some((text) => /^["']?name["']?\s*:/m.test(text)) ? undefined : `${prefix}-${name}`
}
