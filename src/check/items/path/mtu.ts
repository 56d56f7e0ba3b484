// PATH-006: packets of the containers' full size pass on both paths.

import type { PathView } from '../../../views/paths.ts'
import { checkItem, type Finding } from '../../item.ts'
import { LOSSY } from './quality.ts'
import { wasHeard } from './seen.ts'

// The number of misses that the agent itself treats as an MTU hole (src/paths/escalation/options.ts,
// bigMissed).
const MANY = 3

export const mtu = checkItem({
  id: 'PATH-006',
  title: 'large packets pass',
  fault: 'large packets are lost',
  why: 'Where only small packets pass, connections open and then hang at the first page or file.',
  causes: ['A VPN or PPPoE line on the way carries less than 1,500 bytes, and ICMP is filtered.'],
  steps: ['lower tun.mtu in the configuration of Nebula, on all hosts alike'],
  needs: ['paths'],
  after: ['PATH-002', 'NEB-005'],
  judge: ({ paths }) => paths.peers.filter(wasHeard).map(judgePeer),
})

function judgePeer({ name, mtuBytes, p2p, gateway }: PathView): Finding {
  const lanes = [
    { words: 'direct path', lane: p2p },
    { words: 'gateway path', lane: gateway },
  ]
  // Where packets of all sizes are lost, lost large ones say nothing about size. A single loss says nothing
  // either.
  const blocked = lanes
    .filter(
      ({ lane }) => lane.bigPasses === false && lane.loss < LOSSY && (lane.bigMissedInRow ?? MANY) >= MANY,
    )
    .map(({ words }) => words)
  if (blocked.length > 0) {
    return {
      verdict: 'fail',
      subject: name,
      seen:
        `packets of ${String(mtuBytes)} bytes are lost on the ${blocked.join(' and the ')}, ` +
        'small ones pass',
      next: [
        ...(blocked.includes('direct path')
          ? ['lower tun.mtu in the configuration of Nebula, on all hosts alike']
          : []),
        ...(blocked.includes('gateway path')
          ? ['set "mtu" in /etc/flatnet/flatnet.json to what the line carries']
          : []),
      ],
    }
  }
  const passed = lanes.filter(({ lane }) => lane.bigPasses === true).map(({ words }) => words)
  if (passed.length > 0)
    return {
      verdict: 'ok',
      subject: name,
      seen: `${String(mtuBytes)} bytes pass on the ${passed.join(' and the ')}`,
    }
  const missed = lanes
    .filter(({ lane }) => lane.bigPasses === false)
    .map(({ lane }) => lane.bigMissedInRow ?? MANY)
  if (missed.length === 0) return { verdict: 'skip', subject: name, seen: 'no large packet sent yet' }
  // On a busy machine the last answer is often on its way.
  return Math.min(...missed) < MANY
    ? {
        verdict: 'ok',
        subject: name,
        seen: `the last packet of ${String(mtuBytes)} bytes is not answered yet`,
      }
    : { verdict: 'skip', subject: name, seen: 'packets of all sizes are lost' }
}
