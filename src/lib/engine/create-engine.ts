import {dockerEnvironment, type Environment} from '../config/environment.js'
import {profilesOf, type EnvFile} from '../config/env-file.js'
import {execa} from 'execa'
import {runDocker, type DockerCli} from './compose/run.js'
import {connect} from './docker/client.js'
import {dockerCredentials, type AskHelper} from './docker/credentials.js'
import {DockerEngine} from './docker-engine.js'
import {findEndpoint} from './endpoint.js'
import {explainError} from './explain.js'
import type {Engine} from './engine.js'

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
export function createEngine({environment, context, composeDir, env}: EngineSetting): Engine {
  const cli = dockerCli(environment, context)
  let client: ReturnType<typeof connectTo> | undefined
  const docker = (): ReturnType<typeof connectTo> => (client ??= connectTo(environment, context, cli))
  return new DockerEngine({
    cli,
    docker,
    composeDir,
    credentials: dockerCredentials(environment, askHelper(cli)),
    profiles: profilesOf(env),
    variables: new Set([...Object.keys(env.variables), ...Object.keys(cli.env)]),
  })
}

function dockerCli(environment: Environment, context: string | undefined): DockerCli {
  const env = dockerEnvironment(environment)
  // The CLI refuses to choose between the two; what was said on the command line is meant.
  if (context !== undefined) delete env.DOCKER_HOST
  return {file: 'docker', globals: context === undefined ? [] : ['--context', context], env}
}

async function connectTo(environment: Environment, context: string | undefined, cli: DockerCli) {
  const endpoint = await findEndpoint(environment, context, async (name) => {
    const host = await runDocker(cli, `Looking up the Docker context ${name}`, [
      'context',
      'inspect',
      name,
      '--format',
      '{{.Endpoints.docker.Host}}',
    ])
    return host.trim()
  })
  return connect(endpoint, {file: cli.file, args: [...cli.globals, 'system', 'dial-stdio'], env: cli.env}).catch((error: unknown) => {
    throw explainError('Connecting to Docker', error)
  })
}

/** https://github.com/docker/docker-credential-helpers: the registry on stdin, JSON on stdout. */
function askHelper(cli: DockerCli): AskHelper {
  return async (helper, registry) => {
    const result = await execa(`docker-credential-${helper}`, ['get'], {input: registry, env: cli.env, extendEnv: false, reject: false})
    return result.failed ? undefined : result.stdout
  }
}
