import type {CascadeMemory} from '../../model/cascade.js'
import type {CascadeHands} from './hands.js'

/**
 * Hands whose repair goes on when journal and memory cannot be written, as on a full disk: services that stay cut off are
 * worse than a repair that nobody wrote down. What could not be written is kept in this process, and written as soon as that
 * works; a kill meanwhile forgets it. Told once, and once more when it is over. Nothing of this holds for reading, nor for the
 * lock. @param say For people.
 */
export function goingOnWithoutDiary(say: (text: string) => void): (hands: CascadeHands) => CascadeHands {
  const unwritten = new Map<string, CascadeMemory>()
  let broken = false
  const written = async (write: () => Promise<void>): Promise<boolean> => {
    try {
      await write()
      if (broken) say('What cascades remember can be written again.')
      broken = false
      return true
    } catch (error) {
      if (!broken) say(`${(error as Error).message.replace(/\.$/, '')}. ${GOES_ON}`)
      broken = true
      return false
    }
  }
  return (hands) => {
    const write = async (project: string, memory: CascadeMemory): Promise<void> => {
      unwritten.set(project, memory)
      if (await written(() => hands.memory.write(project, memory))) unwritten.delete(project)
    }
    return {
      ...hands,
      // One line of a journal that has no room for the next says nothing of the memory: that one tells when it is over.
      journal: {append: async (record) => void (broken || (await written(() => hands.journal.append(record))))},
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
