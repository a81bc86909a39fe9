import {readlink} from 'node:fs/promises'
import {execa} from 'execa'
import {command, tell} from './demo-voice.js'
import type {Lab} from './lab.js'
import {ROOT} from './workshop.js'

type TourOptions = {readonly keep: boolean; readonly signal: AbortSignal}

/** The demo's story, told by running it. @returns whether every command ended as it should. */
export async function tour(lab: Lab, {keep, signal}: TourOptions): Promise<boolean> {
  const homelab: Homelab = async (words, expected = 0) => {
    if (signal.aborted) return false
    console.log()
    command(`homelab ${words}`)
    const {exitCode} = await execa(process.execPath, [`${ROOT}/bin/run.cjs`, ...words.split(' ')], {
      env: lab.env,
      stdio: 'inherit',
      reject: false,
    })
    if (exitCode !== expected && !signal.aborted) tell(`That should have ended with ${expected}, and ended with ${exitCode}.`)
    return exitCode === expected
  }
  const chapters: (() => Promise<boolean>)[] = [
    () => chapter(['A homelab is a folder of Compose files; each of them is a stack.'], () => homelab('stack list')),
    () =>
      chapter(['Bring them all up. A gateway comes first; what lives behind it starts when it is healthy.'], () => homelab('stack all up')),
    () => chapter(['How is it?'], () => homelab('stack all status')),
    () => chapter(['Is it well, asked as its users would?'], () => homelab('health plex services')),
    () => update(lab, homelab),
    () => badUpdate(lab, homelab),
    () => restart(lab, homelab),
    () =>
      keep ? Promise.resolve(true) : chapter(['And away again. Media and configurations would stay.'], () => homelab('stack all down')),
  ]
  for (const next of chapters) if (signal.aborted || !(await next())) return false
  return true
}

async function chapter(lines: readonly string[], act: () => Promise<boolean>): Promise<boolean> {
  tell('', ...lines)
  return act()
}

/** @param expected Its exit code. */
type Homelab = (words: string, expected?: number) => Promise<boolean>

async function update(lab: Lab, homelab: Homelab): Promise<boolean> {
  await lab.push('sonarr', {version: '2.0.0'})
  tell('', 'A new image of sonarr has just been pushed to the registry. What would an update do?')
  if (!(await homelab('stack torrent update --dry-run'))) return false
  tell('', 'Only that. So do it:')
  if (!(await homelab('stack torrent update sonarr'))) return false
  tell('', 'And once more: there is nothing left to do, and nothing is touched.')
  return homelab('stack torrent update sonarr')
}

async function badUpdate(lab: Lab, homelab: Homelab): Promise<boolean> {
  await lab.push('radarr', {version: '2.0.0', mode: 'never-healthy'})
  tell('', 'A new image of radarr, too. But this one never becomes healthy.')
  if (!(await homelab('updates'))) return false
  tell('', 'It has 8 seconds here; in a homelab five minutes. What does not pass goes back, and the exit code is 3.')
  if (!(await homelab('stack torrent update radarr --timeout 8', 3))) return false
  tell('', 'That image is not tried again until its tag names another one.')
  return homelab('stack torrent update radarr')
}

async function restart(lab: Lab, homelab: Homelab): Promise<boolean> {
  tell('', 'Restart the VPN gateway. Docker alone would leave everything behind it cut off, and call it healthy.')
  if (!(await homelab('stack torrent restart gluetun'))) return false
  tell('', 'Is everything reachable through the gateway again, and in its present network namespace?')
  const services = ['qbittorrent', 'sonarr', 'radarr', 'prowlarr', 'bazarr', 'flaresolverr', 'cross-seed']
  const gateway = await namespaceOf(lab, 'gluetun')
  const answers = await Promise.all(services.map((service) => reach(lab, service, gateway)))
  answers.forEach(({line}) => console.log(line))
  return answers.every(({good}) => good)
}

async function reach(lab: Lab, service: string, gateway: string): Promise<{line: string; good: boolean}> {
  const port = lab.ports[`${service.replace('-', '').toUpperCase()}_PORT`]
  const answer = await fetch(`http://127.0.0.1:${port}/`, {signal: AbortSignal.timeout(3000)}).then((response) => response.text(), String)
  const namespace = await namespaceOf(lab, service)
  const good = answer.startsWith(service) && namespace === gateway
  return {good, line: `  ${good ? '✓' : '✗'} ${service.padEnd(13)} http://127.0.0.1:${port} says "${answer.trim()}", ${namespace}`}
}

/** Where the machine lets us look: as root. Otherwise Docker's word is all there is. */
async function namespaceOf(lab: Lab, service: string): Promise<string> {
  const {stdout} = await execa('docker', ['inspect', '--format', '{{.State.Pid}}', lab.container('torrent', service)])
  return readlink(`/proc/${stdout}/ns/net`).catch(() => 'namespace not shown to a plain user')
}
