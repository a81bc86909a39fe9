import type {ChalkInstance} from 'chalk'
import type {OpenUpdate} from '../model/update.js'
import {age} from '../util/text.js'

/** One line about an update that has not come to its end. @param now Epoch milliseconds. */
export function openUpdateText(stack: string, update: OpenUpdate, now: number, colours: ChalkInstance): string {
  const {services, trigger, startedAt, phase, holder} = update
  const names = services.join(', ')
  if (holder !== undefined) return `${colours.dim('…')} An update of ${names} is under way: ${holder}`
  const back = phase === 'returning' ? ' on its way back to the old image' : ''
  return (
    `${colours.yellow('!')} An update of ${names} was interrupted${back} (${trigger}, ${age(now - startedAt)} ago). ` +
    `homelab watch brings it to its end, or: homelab stack ${stack} up`
  )
}

/** The --json form. Part of the program's interface: fields are added, never renamed. */
export type OpenUpdateJson = {services: readonly string[]; trigger: string; startedAt: string; phase: string; underWay: boolean}

export const openUpdateJson = ({services, trigger, startedAt, phase, holder}: OpenUpdate): OpenUpdateJson => ({
  services,
  trigger,
  startedAt: new Date(startedAt).toISOString(),
  phase,
  underWay: holder !== undefined,
})
