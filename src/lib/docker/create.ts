import {dockerEnvironment, type Environment} from '../config/environment.js'
import {profilesOf, type EnvFile} from '../config/env-file.js'
import {execa} from 'execa'
import {findCompose, type Program, runProgram} from './compose/cli.js'
import {connect, dockerConfigDir, findEndpoint} from './connect.js'
import {dockerCredentials, type AskHelper} from './api/credentials.js'
import {DockerEngine} from './docker-engine.js'
import {concealer, type Conceal} from './redact.js'
import {explainError} from './errors.js'
import type {DiagnosedEngine} from './engine.js'

type EngineSetting = {
  readonly environment: Environment
  /** --context, or the configuration's; undefined: as the docker CLI would choose. */
  readonly context: string | undefined
  readonly composeDir: string
  readonly env: EnvFile
}

/** Nothing is asked of Docker yet; the connection is made at the first question. */
// Imported late, which the check for dead code cannot see.
// ts-unused-exports:disable-next-line
export async function createEngine({environment, context, composeDir, env}: EngineSetting): Promise<DiagnosedEngine> {
  const cli = dockerCli(environment, context, concealer(env.variables))
  let client: ReturnType<typeof connectTo> | undefined
  const docker = (): ReturnType<typeof connectTo> => (client ??= connectTo(environment, context, cli))
  return new DockerEngine({
    compose: await findCompose(cli, dockerConfigDir(environment), context),
    docker,
    composeDir,
    credentials: dockerCredentials(environment, askHelper(cli)),
    profiles: profilesOf(env),
    prefix: env.variables.HOMELAB_PREFIX || 'homelab',
    variables: new Set([...Object.keys(env.variables), ...Object.keys(cli.env)]),
  })
}

function dockerCli(environment: Environment, context: string | undefined, conceal: Conceal): Program {
  const env = dockerEnvironment(environment)
  // The CLI refuses to choose between the two; what was said on the command line is meant.
  if (context !== undefined) delete env.DOCKER_HOST
  return {file: 'docker', prefix: context === undefined ? [] : ['--context', context], env, conceal}
}

async function connectTo(environment: Environment, context: string | undefined, cli: Program) {
  const endpoint = await findEndpoint(environment, context, async (name) => {
    const host = await runProgram(cli, `Looking up the Docker context ${name}`, [
      'context',
      'inspect',
      name,
      '--format',
      '{{.Endpoints.docker.Host}}',
    ])
    return host.trim()
  })
  return connect(endpoint, {file: cli.file, args: [...cli.prefix, 'system', 'dial-stdio'], env: cli.env}).catch((error: unknown) => {
    throw explainError('Connecting to Docker', error)
  })
}

/** https://github.com/docker/docker-credential-helpers: the registry on stdin, JSON on stdout. */
function askHelper(cli: Program): AskHelper {
  return async (helper, registry) => {
    const result = await execa(`docker-credential-${helper}`, ['get'], {input: registry, env: cli.env, extendEnv: false, reject: false})
    return result.failed ? undefined : result.stdout
  }
}
