import type {JournalRecord} from '../journal/record.js'
import type {CascadeHands} from './observe.js'
import type {CascadeMemory} from '../model/cascade.js'

/** Lines of the journal that are kept in memory at most; the oldest go. */
const MOST_LINES = 2_000

/**
 * Hands whose repair goes on when journal and memory cannot be written, as on a full disk: services that stay cut off are
 * worse than a repair that nobody wrote down. What could not be written is kept in this process, and written in its order as
 * soon as that works; a kill meanwhile forgets it. Told once, and once more when it is over. Nothing of this holds for reading,
 * nor for the lock. @param say For people.
 */
export function goingOnWithoutDiary(say: (text: string) => void): (hands: CascadeHands) => CascadeHands {
  const unwritten = new Unwritten(say)
  return (hands) => ({
    ...hands,
    journal: {append: (record) => unwritten.append(record, hands)},
    memory: {read: (project) => unwritten.read(project, hands), write: (project, memory) => unwritten.write(project, memory, hands)},
  })
}

/** What is to be on disk, and is not yet. */
class Unwritten {
  private readonly memories = new Map<string, CascadeMemory>()
  private readonly lines: JournalRecord[] = []
  private broken = false
  /** Steps end side by side; what they write goes one after the other, or a line would be written twice and another lost. */
  private turn: Promise<void> = Promise.resolve()

  constructor(private readonly say: (text: string) => void) {}

  async append(record: JournalRecord, hands: CascadeHands): Promise<void> {
    this.lines.push(record)
    if (this.lines.length > MOST_LINES) this.lines.shift()
    await this.attempt(() => this.appendAll(hands))
  }

  async read(project: string, hands: CascadeHands): Promise<CascadeMemory> {
    const kept = this.memories.get(project)
    if (kept === undefined) return hands.memory.read(project)
    await this.write(project, kept, hands)
    return kept
  }

  async write(project: string, memory: CascadeMemory, hands: CascadeHands): Promise<void> {
    this.memories.set(project, memory)
    await this.attempt(async () => {
      await hands.memory.write(project, memory)
      this.memories.delete(project)
      await this.appendAll(hands)
    })
  }

  private async appendAll({journal}: CascadeHands): Promise<void> {
    for (let line = this.lines[0]; line !== undefined; line = this.lines[0]) {
      await journal.append(line)
      this.lines.shift()
    }
  }

  private attempt(act: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(() => this.attemptNow(act))
    return this.turn
  }

  private async attemptNow(act: () => Promise<void>): Promise<void> {
    try {
      await act()
      if (!this.broken || this.memories.size > 0 || this.lines.length > 0) return
      this.broken = false
      this.say('What cascades remember can be written again.')
    } catch (error) {
      if (!this.broken) this.say(`${(error as Error).message.replace(/\.$/, '')}. ${GOES_ON}`)
      this.broken = true
    }
  }
}

const GOES_ON =
  'The repair goes on without it: homelab history will not show all of it, and if homelab is killed before its end, what it had stopped has to be brought up by hand: homelab stack <stack> up'
