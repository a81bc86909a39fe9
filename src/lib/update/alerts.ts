import {count} from '../util/text.js'
import type {Notification} from '../model/notification.js'
import type {ServiceUpdate, Job} from '../model/update.js'

/** A job that has ended, and what is known of it beside its summary; the latter is not kept over a restart. */
type EndedJob = {readonly job: Job; readonly update?: ServiceUpdate | undefined}

/** What the operator's phone is told of updates; the texts are the owner's (architecture, diagram 4). `now`: epoch milliseconds. */
export function updateAlert(ended: readonly EndedJob[], now: number): Notification | undefined {
  const told = ended.filter(({job}) => job.state === 'done' || isBad(job))
  const [first] = told
  if (first === undefined) return undefined
  const bad = told.filter(({job}) => isBad(job))
  const stranded = bad.some(({update}) => update?.is === 'stranded')
  const title = told.length === 1 ? titleOf(first.job) : titleOfAll(told.length - bad.length, bad.length)
  return {
    title,
    message: [...bad, ...told.filter((one) => !bad.includes(one))].flatMap((one) => linesOf(one)).join('\n'),
    tags: [stranded ? 'rotating_light' : bad.length > 0 ? 'x' : 'white_check_mark'],
    priority: stranded ? 5 : bad.length > 0 ? 4 : 3,
    at: new Date(now).toISOString(),
  }
}

const isBad = ({state}: Job): boolean => state === 'failed' || state === 'rolled-back'

const titleOf = (job: Job): string => `${isBad(job) ? 'Failed to update' : 'Successfully updated'} ${job.container}`

const titleOfAll = (done: number, bad: number): string =>
  [
    ...(bad > 0 ? [`Failed to update ${count(bad, 'container')}`] : []),
    ...(done > 0 ? [`successfully updated ${count(done, 'container')}`] : []),
  ]
    .join(', ')
    .replace(/^./, (letter) => letter.toUpperCase())

function linesOf({job, update}: EndedJob): string[] {
  const line = `${job.stack}/${job.service}: ${job.summary ?? job.state}`
  if (!isBad(job)) return [line]
  const log = update?.log ?? []
  return [
    line,
    ...(log.length === 0 ? [] : ['Its last lines:', ...log.map((text) => `  ${text}`)]),
    ...(update?.is === 'stranded' ? byHand(job, update) : [`Next: homelab history --service ${job.service}`]),
  ]
}

/** What a person can do whom the program could not help. */
const byHand = ({stack, service}: Job, {from}: ServiceUpdate): string[] => [
  'Next, by hand:',
  `  docker tag ${from.imageId} ${from.reference}`,
  `  homelab stack ${stack} up ${service}`,
  `  homelab stack ${stack} logs ${service} -n 50`,
]

/** Of policy "notify": somebody wants to be asked. */
export const availableAlert = ({stack, service, container}: Job, what: string, now: number): Notification => ({
  title: `Update available for ${container}`,
  message: `${stack}/${service}: ${what}\nNext: homelab updates apply ${service}`,
  tags: ['arrow_up'],
  priority: 2,
  at: new Date(now).toISOString(),
})

/** A tag was announced that is not known to be newer. */
export const approvalAlert = ({stack, service, container}: Job, why: string, now: number): Notification => ({
  title: `Update of ${container} needs your approval`,
  message: `${stack}/${service}: ${why}\nIf you mean it: homelab updates apply ${service}`,
  tags: ['raised_hand'],
  priority: 3,
  at: new Date(now).toISOString(),
})
