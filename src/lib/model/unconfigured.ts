import type {DeclaredService} from './declared.js'

/** The file that a service's settings are in, on this machine, and what is in it as long as nobody has set them. */
type Template = {readonly file: string; readonly text: string}

const LABEL = 'homelab.unconfigured'

/**
 * Of the label `homelab.unconfigured: "/config/config.js torrentClients: []"`: a path of the container, and a text. While the
 * file has the text, the program ends at once, and is not to be blamed for it.
 */
export function templateOf({labels, binds}: DeclaredService): Template | undefined {
  const [, at, text] = /^(\S+) +(.+)$/.exec(labels.get(LABEL) ?? '') ?? []
  if (at === undefined || text === undefined) return undefined
  const bind = binds.find(({target}) => at.startsWith(`${target.replace(/\/$/, '')}/`))
  return bind && {file: bind.source.replace(/\/$/, '') + at.slice(bind.target.replace(/\/$/, '').length), text}
}

export const waitsFor = (file: string): string => `waits for its configuration: ${file}`
