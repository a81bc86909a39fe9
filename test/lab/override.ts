import {parse} from 'yaml'

/** What the lab changes in a stack: images, devices, the Docker socket, and the few checks that a stand-in cannot answer. */
export type OverrideOptions = {
  /** Marks every container as the lab's. */
  readonly label: string
  readonly image: (service: string, tag: string) => string
  /** For the services on the host's network. */
  readonly hostPort: number
}

type Service = {image: string; network_mode?: string; volumes?: string[]; labels?: Record<string, string>}

const indent = (lines: readonly string[], by: string): string => lines.map((line) => by + line).join('\n')

/** The text of `<stack>.override.yml`, an ordinary Compose file like one that a user would write. */
export function overrideOf(composeText: string, options: OverrideOptions): string {
  const {services} = parse(composeText, {merge: true}) as {services: Record<string, Service>}
  const blocks = Object.entries(services).map(([name, service]) => `  ${name}:\n${indent(overrides(name, service, options), '    ')}`)
  return `services:\n${blocks.join('\n')}\n`
}

function overrides(name: string, service: Service, options: OverrideOptions): string[] {
  const tag = service.image.split(':').at(-1) ?? 'latest'
  const lines = [`image: ${options.image(name, tag)}`, 'labels:', `  io.homelab.lab: "${options.label}"`]
  // A stand-in is on another port, or speaks plain http.
  if (name === 'plex') lines.push(`  homelab.probe: "${options.hostPort}/identity"`)
  if (name === 'portainer') lines.push('  homelab.probe: "9443/"')
  if (name === 'gluetun') lines.push('devices: !reset []', 'environment:', '  VPN_INTERFACE: eth0')
  // No stand-in gets hold of the Docker that runs it.
  if (service.volumes?.some((volume) => volume.includes('docker.sock'))) lines.push('volumes: !override []')
  if (service.network_mode === 'host' && name === 'plex') lines.push(...onHostPort(options.hostPort))
  if (name === 'autoheal') lines.push('healthcheck:', '  test: ["CMD", "pgrep", "-f", "/start"]')
  if (name === 'portainer') lines.push('healthcheck:', '  test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9443/"]')
  return lines
}

/** Plex listens on the host itself: not on its own port, where a real one may be. */
const onHostPort = (port: number): string[] => [
  'environment:',
  `  STANDIN_PORTS: "${port}"`,
  'healthcheck:',
  `  test: ["CMD", "curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:${port}/identity"]`,
]
