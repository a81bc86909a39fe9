import type {File} from './oci-image.js'

/** The key of every stand-in: what its configuration file says, too. */
export const appKey = (service: string): string => `${service}-key-0123456789abcdef`

const connection = (id: number, name: string, implementation: string) => ({id, name, implementation, enable: true})
const valid = (...ids: number[]) => ids.map((id) => ({id, isValid: true, validationFailures: []}))

/** A masked secret, as Servarr lists it: https://github.com/Sonarr/Sonarr/blob/develop/src/Sonarr.Http/ClientSchema/SchemaBuilder.cs */
const MASKED = {name: 'authToken', value: '********', privacy: 'apiKey'}

/** https://github.com/Sonarr/Sonarr/blob/develop/src/Sonarr.Api.V3/Notifications/NotificationResource.cs */
const notification = (id: number, name: string, implementation: string) => ({
  id,
  name,
  implementation,
  configContract: `${implementation}Settings`,
  onGrab: false,
  onDownload: true,
  onUpgrade: true,
  supportsOnGrab: true,
  supportsOnDownload: true,
  fields: [{name: 'host', value: 'plex'}, MASKED],
  tags: [],
})

/**
 * Sonarr's and Radarr's API v3: https://sonarr.tv/docs/api/, and
 * https://github.com/Sonarr/Sonarr/blob/develop/src/Sonarr.Api.V3/ProviderControllerBase.cs for the tests.
 */
const FINDER = {
  'GET /api/v3/health': [],
  'GET /api/v3/indexer': [
    {...connection(1, 'Nyaa (Prowlarr)', 'Torznab'), enableRss: true, enableAutomaticSearch: true, enableInteractiveSearch: true},
  ],
  'GET /api/v3/downloadclient': [connection(1, 'qBittorrent', 'QBittorrent')],
  'POST /api/v3/downloadclient/testall': valid(1),
  'GET /api/v3/notification': [
    notification(3, 'My script', 'CustomScript'),
    notification(2, 'Phone', 'Ntfy'),
    notification(1, 'Plex', 'PlexServer'),
  ],
  'POST /api/v3/notification/test': {},
  'POST /api/v3/notification/testall': valid(1, 2, 3),
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
    'GET /api/v1/indexer': [{id: 7, name: '1337x', implementation: 'Cardigann', enable: true, tags: [4]}],
    // On if and only if it has tags, for the indexers that have one of them; `onHealthIssue` is a field that it does not use.
    'GET /api/v1/indexerproxy': [
      {
        id: 1,
        name: 'FlareSolverr',
        implementation: 'FlareSolverr',
        onHealthIssue: false,
        supportsOnHealthIssue: false,
        fields: [{name: 'host', value: 'http://localhost:8191/'}],
        tags: [4],
      },
    ],
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

/** Where a stand-in counts what its application would have done in its owner's name, a line each. */
export const EFFECTS = '/api/effects'

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
