import type {Finding} from '../model/finding.js'
import {bringBack, whileDown, type TunnelSwitch} from './tunnel-switch.js'
import {isUdp, type Attempt} from './egress.js'

/** What was tried while the tunnel ran, while it was down, and when it was back. */
export type Proof = {
  readonly before: readonly Attempt[]
  /** Empty: the tunnel was left alone, as nothing could be reached even with it. */
  readonly during: readonly Attempt[]
  readonly after: readonly Attempt[]
}

type KillSwitch = TunnelSwitch & {
  /** Tries to leave the namespace, every way at once. */
  readonly tryAll: (signal: AbortSignal) => Promise<readonly Attempt[]>
  /** Told what happens. */
  readonly say: (text: string) => void
}

/**
 * Takes the tunnel down, tries to get out, brings it back. The same attempts with the tunnel up come first: what cannot be
 * reached at all would prove nothing.
 * @throws OperatorError if Gluetun refuses, if another command switches the tunnel (75), or it does not come back.
 */
export async function proveKillSwitch(options: KillSwitch, signal: AbortSignal): Promise<Proof> {
  const {tryAll, say} = options
  if (await bringBack(options, signal)) say('the tunnel had been left down by a command that was killed: it is back')
  say('trying to get out through the tunnel')
  const before = await tryAll(signal)
  if (!before.some(({is}) => is === 'left')) return {before, during: [], after: []}
  say('taking the tunnel down')
  const during = await whileDown(options, signal, () => {
    say('the tunnel is down: trying to get out beside it')
    return tryAll(signal)
  })
  say('the tunnel is back')
  signal.throwIfAborted()
  return {before, during, after: await tryAll(signal)}
}

/** That there is no proof. Pure. @param why "the firewall of gluetun is off (FIREWALL is off)" */
export const refused = (why: string): Finding => ({
  is: 'bad',
  check: 'kill switch',
  says: `not proven, and the tunnel was left alone: ${why}, and without a tunnel everything behind it would go out beside it`,
  next: ['Stop what must not be seen: homelab stack <stack> stop', 'Set FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT to "on"'],
})

/** The proof, judged. Pure. Only what got out before and did not while the tunnel was down is evidence. */
export function proofFindings({before, during, after}: Proof): Finding[] {
  const check = 'kill switch'
  const reachable = new Set(before.filter(({is}) => is === 'left').map(({target}) => target))
  if (reachable.size === 0)
    return [
      {
        is: 'unknown',
        check,
        says: `not proven, and the tunnel was left alone: nothing could be reached even while it is up (${before.map(({target, says}) => `${target}: ${says}`).join('; ')})`,
        next: ['homelab vpn status', 'Set others to try, in homelab.yml: vpn: {outside: ["http://8.8.8.8/", "dns://8.8.8.8"]}'],
      },
    ]
  const tried = during.filter(({target}) => reachable.has(target))
  const left = during.filter(({is}) => is === 'left')
  const unclear = tried.filter(({is}) => is === 'unclear')
  return [verdict(left, unclear, tried), ...comeBack(reachable, after)]
}

function verdict(left: readonly Attempt[], unclear: readonly Attempt[], tried: readonly Attempt[]): Finding {
  const check = 'kill switch'
  if (left.length > 0)
    return {
      is: 'bad',
      check,
      says: `TRAFFIC LEAVES beside the tunnel: with the tunnel down, ${left.map(({target, says}) => `${target} ${says}`).join('; ')}`,
      next: [
        'Stop what must not be seen: homelab stack <stack> stop',
        'The firewall of the gateway has to be on: FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT=on',
      ],
      danger: true,
    }
  if (unclear.length > 0)
    return {is: 'unknown', check, says: `it cannot be told: ${unclear.map(({target, says}) => `${target}: ${says}`).join('; ')}`}
  const targets = tried.map(({target}) => target)
  const says = `with the tunnel down nothing left the namespace: ${targets.join(', ')} answered before, and not then (${protocols(targets)})`
  return {is: 'good', check, says}
}

/** What it is a proof for. */
function protocols(targets: readonly string[]): string {
  const udp = targets.filter(isUdp).length
  if (udp === 0) return 'TCP; over UDP nothing answered before'
  return udp === targets.length ? 'UDP; over TCP nothing answered before' : 'TCP and UDP'
}

function comeBack(reachable: ReadonlySet<string>, after: readonly Attempt[]): Finding[] {
  const check = 'tunnel'
  const back = after.filter(({target, is}) => is === 'left' && reachable.has(target))
  if (back.length > 0) return [{is: 'good', check, says: 'it is back: the same is reached through it again'}]
  return [
    {
      is: 'bad',
      check,
      says: 'it runs again, and nothing is reached through it yet',
      next: ['homelab vpn status', 'homelab vpn logs -n 50'],
    },
  ]
}
