import type {UpdateRules} from '../../model/update-rules.js'
export function rulesFor(_settings: unknown, _stack: string, _service: string, labels: ReadonlyMap<string, string>): UpdateRules {
  return {gate: {running: 10, healthyFor: 15}, probe: labels.get('homelab.update.probe'), probeTimeout: 30, before: [], after: [], hookTimeout: 60, backup: false, backupPaths: ['/config']}
}
