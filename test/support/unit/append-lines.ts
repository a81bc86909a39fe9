// A process of its own for test/unit/state/journal.test.ts: <folder> <name> <lines> [maxBytes].
import {openJournal} from '../../../src/lib/journal/journal.js'

const [folder = '', name = '', lines = '', maxBytes] = process.argv.slice(2)
const journal = openJournal(folder, maxBytes === undefined ? {} : {maxBytes: Number(maxBytes)})
for (let line = 0; line < Number(lines); line++) {
  // Some are longer than a page, which is what the kernel copies at once.
  const trigger = `${name} ${line} ${'x'.repeat(line % 50 === 0 ? 1_900 : 40)}`
  await journal.append({op: name, at: new Date().toISOString(), kind: 'began', stack: trigger, verb: trigger, by: 'watch', trigger})
}
