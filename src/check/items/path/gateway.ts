// PATH-004: the gateway path works, even while it is not in use.

import type { PathView } from '../../../views/paths.ts'
import { checkItem, type Finding } from '../../item.ts'
import { silentAfterMs } from '../../silence.ts'
import { wasHeard } from './seen.ts'

export const gateway = checkItem({
  id: 'PATH-004',
  title: 'gateway path answers',
  fault: 'gateway path does not answer',
  why:
    'Traffic falls back to the gateway path: while it is dead, ' +
    'nothing is left when the direct path fails.',
  causes: ['The gateways do not route between the host subnets.', 'A firewall on the other host blocks it.'],
  steps: ['flatnet-cni check --group GW'],
  needs: ['paths'],
  after: ['PATH-002', 'AGENT-009', 'GW-001', 'GW-002'],
  judge: ({ paths }) => {
    if (!paths.hasGateway) return { verdict: 'skip', seen: 'the settings ask for no gateway path' }
    const deadMs = silentAfterMs(paths.pace, 'gateway')
    return paths.peers.filter(wasHeard).map((peer) => judgePeer(peer, deadMs))
  },
})

function judgePeer({ name, subnets, gateway: lane, phase }: PathView, deadMs: number): Finding {
  const { repliedAgoMs, heardAgoMs, rttMs } = lane
  if (repliedAgoMs !== null && repliedAgoMs < deadMs) {
    return {
      verdict: 'ok',
      subject: name,
      seen: `answers${rttMs === null ? '' : ` in ${rttMs.toFixed(1)} ms`}`,
    }
  }
  const when =
    repliedAgoMs === null ? 'never answered' : `no answer for ${String(Math.round(repliedAgoMs / 1000))} s`
  const oneWay =
    heardAgoMs !== null && heardAgoMs < deadMs
      ? '; its probes arrive here, so only the direction towards it is blocked'
      : ''
  return {
    verdict: phase === 'P2P_ACTIVE' ? 'warn' : 'fail',
    subject: name,
    seen: `${when}${oneWay}`,
    next: [
      'flatnet-cni check --group GW',
      `check that the gateways route ${subnets.join(' and ')} to that host, and this host's subnet back`,
    ],
  }
}
