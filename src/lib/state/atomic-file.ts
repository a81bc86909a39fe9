import {mkdir, open, rename} from 'node:fs/promises'
import path from 'node:path'

/** Replaces a file as a whole: whoever reads it sees the old text or the new one, also after a power cut. On disk when it returns. */
export async function writeAtomically(file: string, text: string, mode = 0o600): Promise<void> {
  const folder = path.dirname(file)
  await mkdir(folder, {recursive: true, mode: 0o755})
  const temporary = path.join(folder, `.${path.basename(file)}.${process.pid}.tmp`)
  const handle = await open(temporary, 'w', mode)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
  await syncFolder(folder)
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
