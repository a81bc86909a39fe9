import type {File} from './oci-image.js'

/** The key of every stand-in: what its configuration file says, too. */
export const appKey = (service: string): string => `${service}-key-0123456789abcdef`

const connection = (id: number, name: string, implementation: string) => ({id, name, implementation, enable: true})
const valid = (...ids: number[]) => ids.map((id) => ({id, isValid: true, validationFailures: []}))

/** Sonarr's and Radarr's API v3: https://sonarr.tv/docs/api/ */
const FINDER = {
  'GET /api/v3/health': [],
  'GET /api/v3/indexer': [
    {...connection(1, 'Nyaa (Prowlarr)', 'Torznab'), enableRss: true, enableAutomaticSearch: true, enableInteractiveSearch: true},
  ],
  'GET /api/v3/downloadclient': [connection(1, 'qBittorrent', 'QBittorrent')],
  'POST /api/v3/downloadclient/testall': valid(1),
  'GET /api/v3/notification': [connection(1, 'Plex', 'PlexServer'), connection(2, 'Phone', 'Ntfy')],
  'POST /api/v3/notification/testall': valid(1, 2),
}

const server = (name: string, port: number) => [
  {id: 0, name, hostname: 'gluetun', port, apiKey: 'x', useSsl: false, baseUrl: '', isDefault: true},
]
const TESTED = {profiles: [{id: 1, name: 'HD'}], rootFolders: [{id: 1, path: '/data/tv'}]}

/** By service, method and path: what it answers when all is well. */
const ANSWERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  sonarr: FINDER,
  radarr: FINDER,
  // https://prowlarr.com/docs/api/
  prowlarr: {
    'GET /api/v1/health': [],
    'GET /api/v1/applications': [
      {...connection(1, 'Sonarr', 'Sonarr'), syncLevel: 'fullSync'},
      {...connection(2, 'Radarr', 'Radarr'), syncLevel: 'fullSync'},
    ],
    'POST /api/v1/applications/testall': valid(1, 2),
    'GET /api/v1/indexerproxy': [{id: 1, name: 'FlareSolverr', implementation: 'FlareSolverr', supportsOnHealthIssue: false}],
    'POST /api/v1/indexerproxy/testall': valid(1),
  },
  // https://github.com/morpheus65535/bazarr/blob/master/bazarr/api/system/status.py
  bazarr: {'GET /api/system/status': {data: {bazarr_version: '1.5.2', sonarr_version: '4.0.15', radarr_version: '5.26.2'}}},
  // https://github.com/seerr-team/seerr/blob/develop/seerr-api.yml
  seerr: {
    'GET /api/v1/settings/sonarr': server('Sonarr', 8989),
    'GET /api/v1/settings/radarr': server('Radarr', 7878),
    'POST /api/v1/settings/sonarr/test': TESTED,
    'POST /api/v1/settings/radarr/test': TESTED,
  },
}

export const apiFile = (question: string): string => `api/${question.replace(' ', '').replaceAll('/', '_')}`

/** The files of a stand-in that answers as its application's API does; stand-in/app-api.sh serves them. */
export function apiPages(service: string): File[] {
  const answers = Object.entries(ANSWERS[service] ?? {})
  return [
    {path: 'api'},
    {path: 'api/key', content: appKey(service), mode: 0o644},
    ...answers.map(([question, answer]) => ({path: apiFile(question), content: JSON.stringify(answer), mode: 0o644})),
  ]
}
