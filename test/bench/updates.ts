import type {Lab} from '../lab/lab.js'
import {openWorkshop} from '../lab/workshop.js'
import type {Figure, Limit, Row} from './measure.js'
import {benchPosts} from './updates/posts.js'
import {benchSingle} from './updates/single.js'
import {benchTen} from './updates/ten.js'

/** An update against Compose by hand; what the receiver takes in, and keeps; ten services at once against one by one. */
export async function benchUpdates(rounds: number): Promise<(Row | Limit | Figure)[]> {
  const workshop = await openWorkshop()
  const inLab = async <T>(bench: (lab: Lab) => Promise<T[]>): Promise<T[]> => {
    const lab = await workshop.lab()
    try {
      return await bench(lab)
    } finally {
      await lab.destroy()
    }
  }
  try {
    return [
      ...(await inLab<Row>((lab) => benchSingle(lab, rounds))),
      ...(await inLab<Limit | Figure>((lab) => benchPosts(lab))),
      ...(await inLab<Row>((lab) => benchTen(lab, rounds))),
    ]
  } finally {
    await workshop.close()
  }
}
