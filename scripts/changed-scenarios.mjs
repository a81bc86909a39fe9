import {spawnSync} from 'node:child_process'

/** A topic word in a source file's path → the scenario files (by the beginning of their names) in which it is seen to work. */
const TOPICS = {
  backup: ['update'],
  cascade: ['cascade'],
  doctor: ['doctor'],
  flow: ['health-flow'],
  health: ['health'],
  notify: ['cascade', 'watch', 'health'],
  webhook: ['watch'],
  systemd: ['systemd', 'watch-service'],
  update: ['update', 'watch-updates', 'stack'],
  vpn: ['vpn', 'health'],
  watch: ['watch', 'cascade', 'vpn'],
}

/** Needs no container: the checks and unit tests hold it. */
const WITHOUT = /^(docs\/|README|test\/(unit|property|docker|commands|bench)\/|.*\.md$)/

/** @returns {Promise<string[]>} parts of scenario file names; one that is "test/scenarios/" means all of them */
export async function changedScenarios(since) {
  const files = [...lines('diff', '--name-only', since), ...lines('ls-files', '--others', '--exclude-standard')]
  const chosen = new Set(files.filter((file) => !WITHOUT.test(file)).flatMap(scenariosOf))
  return chosen.has('test/scenarios/') ? ['test/scenarios/'] : [...chosen].map((name) => `test/scenarios/${name}`)
}

function scenariosOf(file) {
  const scenario = /^test\/scenarios\/([^/]+)\.test\.ts$/.exec(file)
  if (scenario) return [scenario[1]]
  const topics = /^src\//.test(file) ? Object.keys(TOPICS).filter((topic) => file.includes(topic)) : []
  // What no topic owns (the engine, the model, a Compose file, the lab) may be seen in any of them.
  return topics.length === 0 ? ['test/scenarios/'] : topics.flatMap((topic) => TOPICS[topic])
}

function lines(...args) {
  const {status, stdout, stderr} = spawnSync('git', args, {encoding: 'utf8'})
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  return stdout.split('\n').filter((line) => line !== '')
}
