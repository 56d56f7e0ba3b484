// GW-002: the gateways route between the host subnets, in both directions.

import type { PathView } from '../../../views/paths.ts'
import { checkItem } from '../../item.ts'
import { isAloneSilent, silentAfterMs } from '../../silence.ts'

const STEPS = [
  'on the gateway: add a route to every host subnet via that host, and enable forwarding',
  'flatnet-cni check --explain GW-002',
]

export const forwards = checkItem({
  id: 'GW-002',
  title: 'gateways route between the hosts',
  fault: 'gateways do not route between the hosts',
  why:
    'The hop answers, but packets for containers of other hosts do not come back: ' +
    'the fallback is dead when it is needed.',
  causes: [
    'The gateway (Windows) does not forward, or has no route for the host subnets.',
    "The gateway has no route back to this host's subnet, for example after this host's address changed.",
    'Its firewall drops what it should forward.',
  ],
  steps: STEPS,
  needs: ['paths', 'gateway'],
  after: ['AGENT-001', 'GW-001'],
  judge: ({ paths: { peers, hasGateway, pace }, gateway: { hops } }) => {
    if (!hasGateway) return { verdict: 'skip', seen: 'there is no gateway path' }
    const isReached = ({ gateway }: PathView): boolean =>
      (gateway.repliedAgoMs ?? Infinity) < silentAfterMs(pace, 'gateway')
    const reached = peers.filter(isReached)
    // A peer that has not answered on another path since says nothing about the gateway.
    const living = peers.filter((peer) => isReached(peer) || isAloneSilent(peer, 'gateway', pace))
    if (living.length === 0) return { verdict: 'skip', seen: 'no peer answers on any path' }
    const seen = `${String(reached.length)} of ${String(living.length)} peers answer via the gateway`
    if (reached.length > 0) return { verdict: 'ok', seen }
    const others = peers.filter(
      ({ forwards, overlay }) => forwards === true && !hops.some(({ via = '' }) => overlay.includes(via)),
    )
    return {
      verdict: 'fail',
      seen,
      next: [...STEPS.slice(0, 1), ...others.map(useGatewayHost), ...STEPS.slice(1)],
    }
  },
})

// The signature of the CA says that it is one, and whether to use it is for this host's operator.
function useGatewayHost({ name, overlay: [via = ''] }: PathView): string {
  return (
    `or send through the gateway host ${name}: write "gateway": {"via": "${via}"} into ` +
    '/etc/flatnet/flatnet.json, then flatnet-cni sync'
  )
}
