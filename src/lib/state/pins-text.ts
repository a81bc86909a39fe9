import {pinsFileName, type Pins} from '../model/pins.js'

/** Words that YAML does not take for a text. */
const WORDS = new Set(['true', 'false', 'null', 'yes', 'no', 'on', 'off', 'y', 'n'])

const key = (service: string): string => (/^[a-z][a-z0-9_-]*$/.test(service) && !WORDS.has(service) ? service : JSON.stringify(service))

const head = (stack: string): string => `\
# Made by homelab: the images that the services of "${stack}" run instead of those in its own files, which it never edits.
# Every homelab command merges this file after ${stack}.yml. A plain docker compose needs both:
#   docker compose -f ${stack}.yml -f ${pinsFileName(stack)} ...
# To run the image before this one:      homelab stack ${stack} rollback <service>
# To go back to what your own file says: delete the service's entry, or the file (with the last entry, always the file)
# Comments of yours are lost when homelab writes it again.
`

/** The text of a pins file, sorted by service. */
export function pinsText(stack: string, pins: Pins): string {
  const entries = [...pins].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `${head(stack)}services:\n${entries.map(([service, image]) => `  ${key(service)}:\n    image: ${JSON.stringify(image)}\n`).join('')}`
}
