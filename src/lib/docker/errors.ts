import {configurationError, OperatorError} from '../util/errors.js'

/** Turns Docker's and Compose's words into the operator's, with the next step. Order matters: the most specific first. */
type Explanation = {
  readonly pattern: RegExp
  readonly explain: (match: RegExpExecArray, detail: string) => OperatorError
}

const START_DOCKER = ['Start it: sudo systemctl start docker', 'Look at it: sudo systemctl status docker']

const failed = (message: string, next: readonly string[], detail: string): OperatorError => new OperatorError(message, {next, detail})

const EXPLANATIONS: readonly Explanation[] = [
  {
    pattern: /permission denied.*(docker[^ ]*sock|daemon)|EACCES.*sock|connect EACCES/i,
    explain: (_, detail) =>
      failed(
        'You may not talk to Docker: permission denied on its socket.',
        ['Run the command with sudo,', 'or join the group once, then log in again: sudo usermod -aG docker "$USER"'],
        detail,
      ),
  },
  {
    pattern: /(?:context|Context) "?([^" :]+)"?:? .*(not found|does not exist)|context not found: "?([^" ]+)"?/,
    explain: (match, detail) =>
      new OperatorError(`Docker knows no context "${match[1] ?? match[3]}".`, {
        next: ['List them: docker context ls'],
        exitCode: 2,
        detail,
      }),
  },
  {
    pattern: /command \[ssh .*?-- (\S+) docker .*stderr=(.*)/s,
    explain: (match, detail) =>
      failed(
        `Docker on ${match[1]} cannot be reached over SSH: ${lastLine(match[2] ?? '')}`,
        ['Try it by hand: ssh <user>@<host> docker version', 'The host is what DOCKER_HOST or the Docker context says: docker context ls'],
        detail,
      ),
  },
  {
    // `docker system dial-stdio`, our connection to everything that is no local socket.
    pattern: /failed to open the raw stream connection: dial \w+ (\S+):/,
    explain: (match, detail) => failed(`No Docker daemon answers at ${match[1]}.`, START_DOCKER, detail),
  },
  {
    pattern:
      /Cannot connect to the Docker daemon(?: at (\S+?))?\.? |failed to connect to the docker API at ([^\s;]+)|ECONNREFUSED|ENOENT.*sock|connect ENOENT|is the docker daemon running/i,
    explain: (match, detail) =>
      failed(`No Docker daemon answers${(match[1] ?? match[2]) ? ` at ${match[1] ?? match[2]}` : ''}.`, START_DOCKER, detail),
  },
  {
    pattern:
      /is not a docker command|unknown command: docker compose|unknown shorthand flag|unknown flag: --(?:project-directory|short)|docker: 'compose'/i,
    explain: (_, detail) =>
      failed(
        'Docker is here, but its Compose plugin is not.',
        ['Debian 13: sudo apt-get install docker-compose', "with Docker's own packages: sudo apt-get install docker-compose-plugin"],
        detail,
      ),
  },
  {
    pattern: /required variable (\w+) is missing a value(?:: ([^\n]*))?/,
    explain: (match, detail) =>
      configurationError(
        `The variable ${match[1]} is not set${match[2] ? `: ${match[2].trim()}` : ''}.`,
        [`Set it in compose/.env: ${match[1]}=…`],
        detail,
      ),
  },
  {
    pattern:
      /[Bb]ind for (\S+):(\d+) failed: port is already allocated|listen (?:tcp|udp)\d? (\S+):(\d+): bind: address already in use|failed to bind host port (?:for )?(\S+?):(\d+)/,
    explain: (match, detail) => {
      const port = match[2] ?? match[4] ?? match[6]
      return failed(
        `Port ${port} of this machine is taken by something else.`,
        [
          `See by whom: sudo ss -ltnp 'sport = :${port}'; docker ps --filter publish=${port}`,
          'Stop that, or choose another port: the *_PORT variables in compose/.env',
        ],
        detail,
      )
    },
  },
  {
    pattern: /toomanyrequests|429 Too Many Requests|pull rate limit/i,
    explain: (_, detail) =>
      failed('The registry limits our requests for now.', ['Wait an hour, or log in for a higher limit: docker login'], detail),
  },
  {
    pattern: /pull access denied for (\S+?),|unauthorized|authentication required|denied: requested access/i,
    explain: (match, detail) =>
      failed(
        `The registry refuses ${match[1] ?? 'the image'}: it does not exist, or it wants a login.`,
        ["Check the image's name in the Compose file", 'Log in: docker login <registry>'],
        detail,
      ),
  },
  {
    // The daemon's own store: no registry was asked.
    pattern: /No such image: (\S+)/i,
    explain: (match, detail) =>
      failed(
        `The image ${match[1]} is not on this machine.`,
        ['Pull it: homelab stack <stack> pull', 'See which images there are: docker image ls --all --digests'],
        detail,
      ),
  },
  {
    pattern: /manifest (?:for (\S+) not found|unknown)|repository name not known|name unknown|(\S+): not found/i,
    explain: (match, detail) => {
      const image = match[1] ?? match[2]
      return failed(
        `The registry has no image ${image ?? 'of that name and tag'}.`,
        ['Check its name and tag in the Compose file: docker manifest inspect <image>'],
        detail,
      )
    },
  },
  {
    pattern: /network (\S+) declared as external, but could not be found|network (\S+) not found/,
    explain: (match, detail) =>
      failed(
        `The network ${match[1] ?? match[2]} does not exist.`,
        [`Create it: docker network create ${match[1] ?? match[2]}`, 'or bring the stack up: homelab stack <stack> up'],
        detail,
      ),
  },
  {
    pattern: /Pool overlaps with other one on this address space/,
    explain: (_, detail) =>
      configurationError(
        'The subnet of the shared network overlaps with a network that exists.',
        [
          'See which: docker network ls -q | xargs docker network inspect -f "{{.Name}} {{range .IPAM.Config}}{{.Subnet}}{{end}}"',
          'Choose another: MEDIA_SUBNET in compose/.env',
        ],
        detail,
      ),
  },
  {
    pattern: /no space left on device/i,
    explain: (_, detail) => failed('The disk is full.', ['See where: df -h', 'Free what no container uses: docker image prune'], detail),
  },
  {
    pattern: /dial tcp (\S+): |no such host|i\/o timeout|TLS handshake timeout|EAI_AGAIN/i,
    explain: (match, detail) =>
      new OperatorError(`The registry does not answer${match[1] ? ` (${match[1]})` : ''}.`, {
        next: ['Check the connection, then try again'],
        detail,
        passing: true,
      }),
  },
  {
    // In the middle of a layer, or a server that is unwell.
    pattern: /unexpected EOF|connection reset by peer|received unexpected HTTP status: 5\d\d|context deadline exceeded/i,
    explain: (_, detail) =>
      new OperatorError('The registry broke off in the middle.', {next: ['Check the connection, then try again'], detail, passing: true}),
  },
]

/** What a failure is that none of the explanations knows. */
export type Otherwise = (doing: string, text: string) => OperatorError

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? ''

const unknown: Otherwise = (doing, text) =>
  new OperatorError(`${doing} failed: ${lastLine(text)}`, {next: ['See all that Docker said: --verbose'], detail: text})

/** Reading Compose files asks nothing of Docker, so it is they that are wrong. */
export const brokenFiles =
  (stack: string, files: readonly string[]): Otherwise =>
  (_, text) =>
    configurationError(
      `The Compose files of ${stack} are wrong: ${lastLine(text)}`,
      [`Look at ${files.join(', ')}`, 'See all that Compose said: --verbose'],
      text,
    )

/** Explains a failure of Docker or Compose; what is not known is passed on in Docker's own last line. */
export function explain(doing: string, text: string, otherwise: Otherwise = unknown): OperatorError {
  for (const {pattern, explain: told} of EXPLANATIONS) {
    const match = pattern.exec(text)
    if (match !== null) return told(match, text)
  }
  return otherwise(doing, text)
}

/** As `explain`, for whatever was thrown; errors that are explained already pass through. */
export function explainError(doing: string, error: unknown): OperatorError {
  if (error instanceof OperatorError) return error
  return explain(doing, error instanceof Error ? [error.message, 'stderr' in error ? String(error.stderr) : ''].join('\n') : String(error))
}

/** How the Engine API says what went wrong; dockerode puts the HTTP status on its errors. */

const statusOf = (error: unknown): number | undefined =>
  typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined

export const isNotFound = (error: unknown): boolean => statusOf(error) === 404
export const isConflict = (error: unknown): boolean => statusOf(error) === 409
/** Start of what runs, stop of what is stopped. */
export const isUnchanged = (error: unknown): boolean => statusOf(error) === 304

/** Why a registry did not say what it has, in a few words. */
export function registryTrouble(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  if (/toomanyrequests|429|rate limit/i.test(text)) return 'the registry limits our requests for now'
  if (/unauthorized|denied|authentication required|\b401\b|\b403\b/i.test(text)) return 'the registry wants a login'
  if (/manifest unknown|not found|\b404\b/i.test(text)) return 'the registry does not know it'
  return 'the registry does not answer'
}
