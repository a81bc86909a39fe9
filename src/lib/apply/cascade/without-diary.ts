import type {CascadeMemory} from '../../model/cascade.js'
import type {JournalRecord} from '../../model/journal.js'
import type {CascadeHands} from './hands.js'

/** Lines of the journal that are kept in memory at most; the oldest go. */
const MOST_LINES = 2_000

/**
 * Hands whose repair goes on when journal and memory cannot be written, as on a full disk: services that stay cut off are
 * worse than a repair that nobody wrote down. What could not be written is kept in this process, and written in its order as
 * soon as that works; a kill meanwhile forgets it. Told once, and once more when it is over. Nothing of this holds for reading,
 * nor for the lock. @param say For people.
 */
export function goingOnWithoutDiary(say: (text: string) => void): (hands: CascadeHands) => CascadeHands {
  const unwritten = new Map<string, CascadeMemory>()
  const lines: JournalRecord[] = []
  let broken = false
  const written = async (write: () => Promise<void>): Promise<void> => {
    try {
      await write()
      if (broken && unwritten.size === 0 && lines.length === 0) {
        say('What cascades remember can be written again.')
        broken = false
      }
    } catch (error) {
      if (!broken) say(`${(error as Error).message.replace(/\.$/, '')}. ${GOES_ON}`)
      broken = true
    }
  }
  return (hands) => {
    const appendAll = async (): Promise<void> => {
      for (let line = lines[0]; line !== undefined; line = lines[0]) {
        await hands.journal.append(line)
        lines.shift()
      }
    }
    const write = async (project: string, memory: CascadeMemory): Promise<void> => {
      unwritten.set(project, memory)
      await written(async () => {
        await hands.memory.write(project, memory)
        unwritten.delete(project)
        await appendAll()
      })
    }
    return {
      ...hands,
      journal: {
        append: async (record) => {
          lines.push(record)
          if (lines.length > MOST_LINES) lines.shift()
          await written(appendAll)
        },
      },
      memory: {
        read: async (project) => {
          const kept = unwritten.get(project)
          if (kept === undefined) return hands.memory.read(project)
          await write(project, kept)
          return kept
        },
        write,
      },
    }
  }
}

const GOES_ON =
  'The repair goes on without it: homelab history will not show all of it, and if homelab is killed before its end, what it had stopped has to be brought up by hand: homelab stack <stack> up'
