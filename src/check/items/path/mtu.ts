// PATH-006: packets as large as containers may send pass on both paths.

import type { PathView } from '../../../api/views.ts'
import { checkItem, type Finding } from '../../item.ts'
import { LOSSY } from './quality.ts'
import { wasHeard } from './seen.ts'

// As many as the agent itself takes for a hole (src/escalation/options.ts, bigMissed).
const MANY = 3

export const mtu = checkItem({
  id: 'PATH-006',
  title: 'large packets pass',
  why: 'Where only small packets pass, connections open and then hang at the first page or file.',
  causes: ['A VPN or PPPoE line on the way carries less than 1,500 bytes, and ICMP is filtered.'],
  steps: ['lower tun.mtu in the configuration of Nebula, on all hosts alike'],
  needs: ['paths'],
  after: ['PATH-002', 'NEB-005'],
  judge: ({ paths }) => paths.peers.filter(wasHeard).map(judgePeer),
})

function judgePeer({ name, mtuBytes, p2p, gateway }: PathView): Finding {
  const lanes = [
    { words: 'directly', lane: p2p },
    { words: 'by the gateway', lane: gateway },
  ]
  // Where packets of every size are lost, large ones say nothing about the size; nor does a single one anywhere.
  const blocked = lanes
    .filter(
      ({ lane }) => lane.bigPasses === false && lane.loss < LOSSY && (lane.bigMissedInRow ?? MANY) >= MANY,
    )
    .map(({ words }) => words)
  if (blocked.length > 0) {
    return {
      verdict: 'fail',
      subject: name,
      seen: `packets of ${String(mtuBytes)} bytes are lost ${blocked.join(' and ')}, small ones pass`,
      next: [
        ...(blocked.includes('directly')
          ? ['lower tun.mtu in the configuration of Nebula, on all hosts alike']
          : []),
        ...(blocked.includes('by the gateway')
          ? ['set "mtu" in /etc/flatnet/flatnet.json to what the line carries']
          : []),
      ],
    }
  }
  const passed = lanes.filter(({ lane }) => lane.bigPasses === true).map(({ words }) => words)
  if (passed.length === 0) return { verdict: 'skip', subject: name, seen: 'no large packet was sent yet' }
  return { verdict: 'ok', subject: name, seen: `${String(mtuBytes)} bytes pass ${passed.join(' and ')}` }
}
