/** What the environment of a gateway says, by variable. */
export type Settings = ReadonlyMap<string, string>

/** All that is read of a gateway's environment: the rest may be secret. */
const SETTINGS = [
  'FIREWALL',
  'FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT',
  'FIREWALL_OUTBOUND_SUBNETS',
  'DNS_SERVER',
  'DNS_ADDRESS',
  'WIREGUARD_MTU',
  'VPN_INTERFACE',
  'VPN_PORT_FORWARDING',
] as const

/** Gluetun takes an empty variable for one that is not set. */
export function pickSettings(variables: Readonly<Record<string, string | null | undefined>>): Settings {
  const known = SETTINGS.map((name) => [name, variables[name]?.trim()] as const)
  return new Map(known.flatMap(([name, value]) => (value ? [[name, value]] : [])))
}

/** Gluetun's own words for "on": https://github.com/qdm12/gosettings (reader, ParseBool). */
export const isOn = (value: string | undefined): boolean => /^(on|true|yes|enabled?|1)$/i.test(value ?? '')

const FIREWALL = ['FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT', 'FIREWALL'] as const

/** The variable that says whether the firewall is on, and its value; undefined: neither is set, and Gluetun's default is on. */
export function firewallSetting(settings: Settings): {readonly name: string; readonly value: string; readonly on: boolean} | undefined {
  const found = FIREWALL.map((name) => ({name, value: settings.get(name)})).find(({value}) => value !== undefined)
  return found?.value === undefined ? undefined : {name: found.name, value: found.value, on: isOn(found.value)}
}

/**
 * What the running gateway has instead of what the Compose files say, for those variables that the files set.
 * @param running undefined: it was not looked at, and nothing can be said.
 */
export function settingsThatDiffer(declared: Settings, running: Settings | undefined): {name: string; says: string; has: string}[] {
  if (running === undefined) return []
  const both = [...declared].map(([name, says]) => ({name, says, has: running.get(name) ?? ''}))
  return both.filter(({says, has}) => says !== has)
}
