import type {ObservedContainer} from '../../model/observed.js'
import * as argv from './argv.js'
import {isComparable, parseHashes, withGatewayIds, withoutDependencies, type ComposeModel} from './model.js'
import type {Program} from './program.js'
import {runProgram} from './run.js'

/** By service: the hashes that a container created now could carry, for those whose hash can be compared. */
export async function configHashes(
  {compose, composeDir}: {readonly compose: Program; readonly composeDir: string},
  declared: ComposeModel,
  containers: ReadonlyMap<string, ObservedContainer>,
  signal: AbortSignal,
): Promise<Map<string, string[]>> {
  const model = withGatewayIds(declared, new Map([...containers].map(([service, {id}]) => [service, id])))
  const hash = async (input: ComposeModel): Promise<Map<string, string>> =>
    parseHashes(
      await runProgram(compose, `Hashing the stack ${declared.name}`, argv.hashes(composeDir), {input: JSON.stringify(input), signal}),
    )
  const [full, alone] = await Promise.all([hash(model), hash(withoutDependencies(model))])
  const comparable = [...full].filter(([service]) => isComparable(model.services?.[service]))
  return new Map(comparable.map(([service, own]) => [service, [own, alone.get(service) ?? own]]))
}
