import {access} from 'node:fs/promises'
import path from 'node:path'
import type {StackFiles} from '../../model/declared.js'
import {pinsFileName} from '../../model/pins.js'

/** The stack with its pins file as it is at this moment: an update writes it, and takes it away, while others work. */
export async function withPinsFile<T extends StackFiles>(stack: T, composeDir: string): Promise<T> {
  const pins = path.join(composeDir, pinsFileName(stack.name))
  const others = stack.files.filter((file) => file !== pins)
  const there = await access(pins).then(
    () => true,
    () => false,
  )
  return {...stack, files: there ? [...others, pins] : others}
}

/** As its owner's files alone have it; undefined: it has no pins. */
export function withoutPins<T extends StackFiles>(stack: T): T | undefined {
  const files = stack.files.filter((file) => path.basename(file) !== pinsFileName(stack.name))
  return files.length === stack.files.length ? undefined : {...stack, files}
}
