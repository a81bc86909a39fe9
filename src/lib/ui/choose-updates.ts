import type {ServiceOverview} from '../model/update-overview.js'

/** A checklist for a person. What is available is ticked already; what is held back is not. @throws when it is left with Ctrl-C. */
export async function chooseUpdates(services: readonly ServiceOverview[], signal: AbortSignal): Promise<ServiceOverview[]> {
  const {default: checkbox} = await import('@inquirer/checkbox')
  const choices = services.map((one) => ({
    value: one,
    checked: one.is === 'available',
    name: `${one.stack}/${one.service}  ${one.version ?? ''} → ${one.newer ?? ''}${one.reason === undefined ? '' : `  (${one.reason})`}`,
  }))
  return checkbox({message: 'Which updates are to be applied?', choices, pageSize: 15}, {signal})
}
