// GW-002: the gateways route between the host subnets, there and back.

import type { PathView } from '../../../api/views.ts'
import { checkItem } from '../../item.ts'
import { type LaneName, silentAfterMs } from '../../silence.ts'

const LANES = ['p2p', 'tunnel', 'gateway'] as const

export const forwards = checkItem({
  id: 'GW-002',
  title: 'gateways route between the hosts',
  why: "The hop answers, but what is handed to it for other hosts' containers does not come back: the fallback is dead when it is needed.",
  causes: [
    'The gateway (Windows) does not forward, or has no route for the host subnets.',
    "It has no route back to this host's subnet, as after its address has changed.",
    'Its firewall drops what it should forward.',
  ],
  steps: [
    'on the gateway: a route for every host subnet by way of that host, and forwarding switched on',
    'flatnet-cni check --explain GW-002',
  ],
  needs: ['paths'],
  after: ['AGENT-001', 'GW-001'],
  judge: ({ paths: { peers, hasGateway, pace } }) => {
    if (!hasGateway) return { verdict: 'skip', seen: 'there is no gateway path' }
    // Of peers that answer by no path nothing follows for the gateway.
    const answers = (peer: PathView, lane: LaneName): boolean =>
      (peer[lane].repliedAgoMs ?? Infinity) < silentAfterMs(pace, lane)
    const living = peers.filter((peer) => LANES.some((lane) => answers(peer, lane)))
    if (living.length === 0) return { verdict: 'skip', seen: 'no peer answers by any path' }
    const reached = living.filter((peer) => answers(peer, 'gateway'))
    const seen = `${String(reached.length)} of ${String(living.length)} peers answer by the gateway`
    return reached.length === 0 ? { verdict: 'fail', seen } : { verdict: 'ok', seen }
  },
})
