import type {Reading} from './reading.js'

/** Why a question was not answered. */
type Why = Exclude<Reading<unknown>, {value: unknown}>['why']

/** What a person does so that Gluetun can be asked. @param version As Gluetun tells it; undefined: it does not. */
export function remedy(why: Why, hasKey: boolean, version: string | undefined): string[] {
  if (why === 'refused' && !hasKey) return ['Set GLUETUN_API_KEY in compose/.env to the apikey of its role']
  if (why === 'refused')
    return [
      'GLUETUN_API_KEY is another key than its role has, or there is no such role. /gluetun/auth/config.toml needs:',
      ...roles(version),
    ]
  if (why === 'unknown-route') return ['A newer Gluetun knows it: https://github.com/qdm12/gluetun/releases']
  if (why === 'silent')
    return ['See whether it is well: homelab stack <stack> status', 'Is port 8000 of the gateway published to this machine?']
  return ['See what listens there: homelab vpn logs -n 50']
}

const ROUTES = ['GET /v1/version', 'GET /v1/vpn/status', 'PUT /v1/vpn/status', 'GET /v1/publicip/ip', 'GET /v1/dns/status'] as const

/** A route that a version does not know, in this file, makes it exit. */
const portRoute = (version: string | undefined): string =>
  /^v?3\.([0-9]|[1-3][0-9]|40)\b/.test(version ?? '') ? 'GET /v1/openvpn/portforwarded' : 'GET /v1/portforward'

const roles = (version: string | undefined): string[] => [
  '  [[roles]]',
  '  name = "homelab"',
  '  auth = "apikey"',
  '  apikey = "<GLUETUN_API_KEY of compose/.env>"',
  `  routes = [${[...ROUTES, portRoute(version)].map((route) => `"${route}"`).join(', ')}]`,
]
