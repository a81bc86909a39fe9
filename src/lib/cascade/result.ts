import type {OperationResult} from '../journal/record.js'
import {count} from '../util/text.js'
import type {Diagnosis} from './diagnose.js'
import type {CascadeMemory, Episode} from '../model/cascade.js'

/** A service that was brought back and is not well: its last words. */
export type Unwell = {readonly service: string; readonly why: string}

/** How an episode ended. */
export type Verdict = {
  readonly episode: Episode
  readonly result: OperationResult
  readonly summary: string
  /** Services that run where they belong. */
  readonly back: readonly string[]
  readonly unwell: readonly Unwell[]
  /** None of them is behind a gateway: Docker could not start them. */
  readonly alone?: true
}

/**
 * Judges an episode in which nothing is left to do. @param unwell What the wait for health found. Pure.
 */
export function judge(episode: Episode, diagnoses: readonly Diagnosis[], unwell: readonly Unwell[]): Verdict {
  const touched = diagnoses.filter(({service}) => episode.services.includes(service))
  const back = touched.filter(({fine}) => fine).map(({service}) => service)
  const unseen = diagnoses
    .filter(({reason}) => reason.includes('could not be looked at'))
    .map(({service, reason}) => ({service, why: reason}))
  const ill = [...unwell.filter(({service}) => touched.some((one) => one.service === service && !wasStopped(one))), ...unseen]
  const away = touched.filter(({service, fine}) => !fine && !ill.some((one) => one.service === service))
  const alone = isAlone(touched)
  const ended = {episode, back, unwell: ill, ...(alone && {alone: true as const})}
  if (ill.length > 0)
    return {
      ...ended,
      result: 'unhealthy',
      summary: `${ill.length} of ${count(touched.length, 'service')} ${ill.length === 1 ? 'is' : 'are'} not well: ${names(ill)}`,
    }
  if (back.length === 0)
    return {
      ...ended,
      result: 'cancelled',
      summary: touched.length === 0 ? 'somebody else repaired it' : 'its services were stopped meanwhile',
    }
  const rest = away.length === 0 ? '' : `; stopped meanwhile: ${names(away)}`
  return {
    ...ended,
    result: 'done',
    summary: `${count(back.length, 'service')} ${back.length === 1 ? 'is' : 'are'} back${alone ? '' : ` behind ${back.length === 1 ? 'its' : 'their'} gateway`}${rest}`,
  }
}

/** By a person, while it was waited for: the codes of a stop, a kill and a stop that took too long. */
const wasStopped = ({reason}: Diagnosis): boolean => /^its operator stopped it \(exit code (0|137|143)\)$/.test(reason)

const isAlone = (touched: readonly Diagnosis[]): boolean => touched.length > 0 && touched.every(({gateway}) => gateway === undefined)

const names = (list: readonly {service: string}[]): string => list.map(({service}) => service).join(', ')

/** Nothing is under way any more. */
export function withoutEpisode(memory: CascadeMemory): CascadeMemory {
  const {episode: _, ...rest} = memory
  return rest
}
