import type {ObservedContainer} from './observed.js'

/** Where this machine reaches a port of a container. An IPv6 address stands in brackets. */
export type Published = {readonly host: string; readonly port: number}

/** Where a container publishes one of its TCP ports; undefined: nowhere. */
export function publishedPort({ports}: Pick<ObservedContainer, 'ports'>, wanted: number): Published | undefined {
  for (const text of ports) {
    // As `ObservedContainer.ports` has them: "8989", "127.0.0.1:18989->8989".
    const groups = /^(?:(?<address>.+):)?(?<host>\d+)(?:->(?<container>\d+))?$/.exec(text)?.groups
    if (groups === undefined || Number(groups.container ?? groups.host) !== wanted) continue
    const address = groups.address ?? '127.0.0.1'
    return {host: address.includes(':') && !address.startsWith('[') ? `[${address}]` : address, port: Number(groups.host)}
  }
  return undefined
}
