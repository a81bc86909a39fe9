import {describe, expect, it} from 'vitest'
import {systemdStatus} from '../../../src/lib/systemd/status.js'
import {parseUnitState, type UnitState} from '../../../src/lib/systemd/unit-state.js'
import {palette} from '../../../src/lib/ui/palette.js'
import {systemdStatusText} from '../../../src/lib/ui/systemd.js'

const runs: UnitState = {
  ...parseUnitState('LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\nMainPID=812\nResult=success\n'),
  since: '2026-11-22T12:00:00Z',
}
const told = (installed: string | undefined, state: UnitState): string[] =>
  systemdStatusText(systemdStatus({file: '/e/u', installed, state}, 'A=1\n'), Date.parse('2026-11-25T12:00:00Z'), palette({colour: false}))

describe('the status of the unit', () => {
  it('is two lines when all is well', () => {
    expect(told('A=1\n', {...runs, says: 'watching 2 gateways'})).toEqual([
      '✓ homelab-watch.service: active (running) for 3 days, pid 812',
      '  watching 2 gateways',
      '  /e/u',
    ])
  })

  it('names what is not, and what to type', () => {
    expect(
      told('A=2\n', {
        ...runs,
        active: 'activating',
        sub: 'auto-restart',
        enabled: '',
        mainPid: 0,
        restarts: 1,
        result: 'watchdog',
        exitStatus: 6,
      }),
    ).toEqual([
      '✗ homelab-watch.service: activating (auto-restart) for 3 days, 1 restart by systemd',
      '  ended last with watchdog (6)',
      '  See why: journalctl -u homelab-watch.service -n 50',
      '  does not start with the machine: sudo homelab systemd install',
      '  differs from what would be written now: sudo homelab systemd install',
      '    - A=2',
      '    + A=1',
      '  /e/u',
    ])
  })

  it('is short when there is none', () => {
    expect(told(undefined, parseUnitState('LoadState=not-found\nActiveState=inactive'))).toEqual([
      '✗ homelab-watch.service is not installed',
      '  Install it: sudo homelab systemd install',
    ])
    expect(told(undefined, runs)).toContain('  its file is gone: sudo homelab systemd install')
  })
})
