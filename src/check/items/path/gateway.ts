// PATH-004: the gateway path works, even while it is not in use.

import type { ProbePace } from '../../../config/agent-settings.ts'
import type { PathView } from '../../../views/paths.ts'
import { checkItem, type Finding } from '../../item.ts'
import { isAloneSilent, silentAfterMs } from '../../silence.ts'
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
    return paths.peers.filter(wasHeard).map((peer) => judgePeer(peer, deadMs, paths.pace))
  },
})

function judgePeer(peer: PathView, deadMs: number, pace: ProbePace): Finding {
  const { name, subnets, gateway: lane, phase } = peer
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
  // Probes from before the silence say nothing: a host that goes down falls silent in both directions.
  const oneWay =
    heardAgoMs !== null && heardAgoMs < deadMs && (repliedAgoMs ?? Infinity) - heardAgoMs > deadMs
      ? '; its probes arrive here, so only the direction towards it is blocked'
      : ''
  const verdict = phase === 'P2P_ACTIVE' ? 'warn' : 'fail'
  if (oneWay === '' && !isAloneSilent(peer, 'gateway', pace))
    return {
      verdict,
      subject: name,
      seen: `${when}, nor on any other path since`,
      next: ['check that the host is on; on that host: flatnet-cni check'],
    }
  return {
    verdict,
    subject: name,
    seen: `${when}${oneWay}`,
    next: [
      'flatnet-cni check --group GW',
      `check that the gateways route ${subnets.join(' and ')} to that host, and this host's subnet back`,
    ],
  }
}
