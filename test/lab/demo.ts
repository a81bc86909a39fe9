import {parseArgs} from 'node:util'
import {tell, command} from './demo-voice.js'
import {removeKept} from './remove-kept.js'
import type {Lab} from './lab.js'
import {openWorkshop, ROOT} from './workshop.js'
import {tour} from './tour.js'

/** npm run demo [-- --keep | --remove] */
const {values} = parseArgs({options: {keep: {type: 'boolean', default: false}, remove: {type: 'boolean', default: false}}})

process.exitCode = values.remove ? await remove() : await show(values.keep)

async function remove(): Promise<number> {
  const removed = await removeKept()
  tell(removed.length > 0 ? `Removed: ${removed.join(', ')}.` : 'No kept lab was found.')
  return 0
}

async function show(keep: boolean): Promise<number> {
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort())
  tell(
    'This makes a miniature homelab on the Docker of this machine: stand-in images for all services, served from a real',
    'registry on loopback, with a name, network, ports and folders of their own. Nothing else is touched, and all of it',
    keep ? 'stays until you remove it.' : 'is removed at the end.',
  )
  const workshop = await openWorkshop()
  let lab: Lab | undefined
  let whole = false
  try {
    lab = await workshop.lab()
    whole = await tour(lab, {keep, signal: stopping.signal})
    return stopping.signal.aborted ? 130 : whole ? 0 : 1
  } finally {
    if (keep && whole && lab !== undefined) explainKept(lab)
    else {
      await lab?.destroy()
      await workshop.close()
      tell('', 'Everything that the demo made is removed.')
    }
  }
}

function explainKept(lab: Lab): void {
  tell('', 'The lab is yours. In this shell:', '')
  command(`export HOMELAB_HOME=${lab.home} HOMELAB_STATE=${lab.home}/state`)
  command(`alias homelab="node ${ROOT}/bin/run.cjs"`)
  command('homelab stack torrent status')
  tell('', `Its Compose files: ${lab.home}/compose. Sonarr: http://127.0.0.1:${lab.ports.SONARR_PORT}/`, '', 'Remove it:', '')
  command('npm run demo -- --remove')
}
