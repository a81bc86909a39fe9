import type {Plan} from '../../../src/lib/model/plan.js'
import type {Intent} from '../../../src/lib/stack/snapshot.js'

/** The plan as text, a step a line: "1 stop qbittorrent: why". */
export const planLines = ({stages}: Plan): string[] =>
  stages.flatMap((stage, index) => stage.map(({action, target, reason}) => `${index + 1} ${action} ${target}: ${reason}`))

/** As `planLines`, without the reasons and a stage a line: "stop qbittorrent, stop sonarr". */
export const stageLines = ({stages}: Plan): string[] =>
  stages.map((stage) => stage.map(({action, target}) => `${action} ${target}`).join(', '))

export const untouchedLines = ({untouched}: Plan): string[] => untouched.map(({service, reason}) => `${service}: ${reason}`)

export const anIntent = (words: Partial<Intent> = {}): Intent => ({services: [], limits: {healthy: 60}, ...words})
