import {describe, expect, it} from 'vitest'
import {explain, explainError} from '../../../src/lib/docker/errors.js'
import {OperatorError} from '../../../src/lib/util/errors.js'

/** Docker's and Compose's own words, as these versions write them. */
const TEXTS: readonly [string, string, string, number][] = [
  [
    'no daemon',
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    'No Docker daemon answers at unix:///var/run/docker.sock.',
    1,
  ],
  [
    'no daemon, CLI 29',
    'failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory',
    'No Docker daemon answers at unix:///var/run/docker.sock.',
    1,
  ],
  ['no daemon, the API', 'connect ENOENT /var/run/docker.sock', 'No Docker daemon answers.', 1],
  ['a dead daemon, the API', 'connect ECONNREFUSED /var/run/docker.sock', 'No Docker daemon answers.', 1],
  [
    'no right to the socket',
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.45/containers/json": dial unix /var/run/docker.sock: connect: permission denied',
    'You may not talk to Docker: permission denied on its socket.',
    1,
  ],
  [
    'no right to the socket, CLI 29',
    'permission denied while trying to connect to the docker API at unix:///var/run/docker.sock',
    'You may not talk to Docker: permission denied on its socket.',
    1,
  ],
  [
    'no right to the socket, the API',
    'connect EACCES /var/run/docker.sock',
    'You may not talk to Docker: permission denied on its socket.',
    1,
  ],
  [
    'no context',
    'Failed to initialize: unable to resolve docker endpoint: context "nas": context not found: open /home/operator/.docker/contexts/meta/1f/meta.json: no such file or directory',
    'Docker knows no context "nas".',
    2,
  ],
  [
    'no plugin, with a flag',
    "unknown flag: --project-directory\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information",
    'Docker is here, but its Compose plugin is not.',
    1,
  ],
  [
    'no plugin, asked for its version',
    "unknown flag: --short\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information",
    'Docker is here, but its Compose plugin is not.',
    1,
  ],
  ['no plugin', "docker: 'compose' is not a docker command.\nSee 'docker --help'", 'Docker is here, but its Compose plugin is not.', 1],
  [
    'no plugin, CLI 28',
    "docker: unknown command: docker compose\n\nRun 'docker --help' for more information",
    'Docker is here, but its Compose plugin is not.',
    1,
  ],
  [
    'a taken port',
    'Error response from daemon: driver failed programming external connectivity on endpoint plex (4f): Bind for 0.0.0.0:32400 failed: port is already allocated',
    'Port 32400 of this machine is taken by something else.',
    1,
  ],
  [
    'a taken port, the proxy',
    'Error response from daemon: driver failed programming external connectivity on endpoint plex (4f): Error starting userland proxy: listen tcp4 0.0.0.0:32400: bind: address already in use',
    'Port 32400 of this machine is taken by something else.',
    1,
  ],
  [
    'a taken port, engine 28',
    'Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint plex (4f): failed to bind host port for 0.0.0.0:32400:172.18.0.2:32400/tcp: address already in use',
    'Port 32400 of this machine is taken by something else.',
    1,
  ],
  [
    'a taken port, IPv6',
    'Error starting userland proxy: listen tcp6 [::]:8080: bind: address already in use',
    'Port 8080 of this machine is taken by something else.',
    1,
  ],
  [
    'no such tag',
    'Error response from daemon: manifest for plexinc/pms-docker:nope not found: manifest unknown: manifest unknown',
    'The registry has no image plexinc/pms-docker:nope.',
    1,
  ],
  [
    'no such tag, containerd',
    'failed to resolve reference "docker.io/library/alpine:nope": docker.io/library/alpine:nope: not found',
    'The registry has no image docker.io/library/alpine:nope.',
    1,
  ],
  ['no such tag, ghcr', 'Error response from daemon: manifest unknown', 'The registry has no image of that name and tag.', 1],
  [
    'an image that is not here, Compose',
    ' Container full-sonarr-1  Creating\nError response from daemon: No such image: example.org/sonarr:1',
    'The image example.org/sonarr:1 is not on this machine.',
    1,
  ],
  [
    'an image that is not here, the API',
    '(HTTP code 404) no such image - No such image: sha256:0123456789abcdef',
    'The image sha256:0123456789abcdef is not on this machine.',
    1,
  ],
  [
    'no such repository',
    "Error response from daemon: pull access denied for nobody/nothing, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    'The registry refuses nobody/nothing: it does not exist, or it wants a login.',
    1,
  ],
  [
    'a login',
    'Error response from daemon: Head "https://ghcr.io/v2/x/y/manifests/latest": unauthorized',
    'The registry refuses the image: it does not exist, or it wants a login.',
    1,
  ],
  [
    'a limit',
    'toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit',
    'The registry limits our requests for now.',
    1,
  ],
  [
    'a required variable',
    'error while interpolating services.gluetun.environment.WIREGUARD_PRIVATE_KEY: required variable WIREGUARD_PRIVATE_KEY is missing a value: from your provider',
    'The variable WIREGUARD_PRIVATE_KEY is not set: from your provider.',
    78,
  ],
  ['an external network', 'network media declared as external, but could not be found', 'The network media does not exist.', 1],
  [
    'an overlap',
    'Error response from daemon: Pool overlaps with other one on this address space',
    'The subnet of the shared network overlaps with a network that exists.',
    78,
  ],
  [
    'an overlap, engine 28',
    'Error response from daemon: invalid pool request: Pool overlaps with other one on this address space',
    'The subnet of the shared network overlaps with a network that exists.',
    78,
  ],
  ['a full disk', 'failed to register layer: write /usr/lib/libx265.so: no space left on device', 'The disk is full.', 1],
  [
    'no way to the registry',
    'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: no such host',
    'The registry does not answer.',
    1,
  ],
  [
    'a slow registry',
    'Error response from daemon: Get "https://ghcr.io/v2/": net/http: TLS handshake timeout',
    'The registry does not answer.',
    1,
  ],
]

describe('explain', () => {
  it.each(TEXTS)('says of %s what it means', (_, text, message, exitCode) => {
    expect(explain('Trying', text)).toMatchObject({message, exitCode, detail: text})
  })

  it('gives every explanation a next step', () => {
    for (const [, text] of TEXTS) expect(explain('Trying', text).next.length, text).toBeGreaterThan(0)
  })

  it('names the port in the next step', () => {
    expect(explain('Trying', 'Bind for 127.0.0.1:9696 failed: port is already allocated').next[0]).toContain('sport = :9696')
  })

  it('passes on Docker’s last line of what it does not know', () => {
    expect(explain('Creating plex', 'Container plex  Creating\nError response from daemon: something new\n').message).toBe(
      'Creating plex failed: Error response from daemon: something new',
    )
  })

  it('leaves alone what was explained, and reads a program’s stderr', () => {
    const known = new OperatorError('known')
    expect(explainError('Trying', known)).toBe(known)
    expect(explainError('Trying', Object.assign(new Error('exit 1'), {stderr: 'no space left on device'})).message).toBe(
      'The disk is full.',
    )
    expect(explainError('Trying', 'odd').message).toBe('Trying failed: odd')
  })
})
