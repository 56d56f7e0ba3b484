// PATH-010: the views of both ends agree (`check --peer`).

import type { PeerViewFacts } from '../../facts/peer-views.ts'
import { checkItem, type Finding } from '../../item.ts'
import { joinViews } from '../../join-views.ts'

export const bothEnds = checkItem({
  id: 'PATH-010',
  title: 'both ends have the same view of the path',
  fault: 'ends have different views of the path',
  why:
    'Neither host alone can see a packet that one sends and the other never gets. ' +
    'One-way firewalls and different clocks, CAs or MTUs show only when both views are compared.',
  causes: [
    'A firewall lets one direction through only.',
    'The hosts have different CAs, clocks, MTUs or versions.',
    'The agent of the other host does not run.',
  ],
  steps: ['flatnet-cni check --peer PEER', 'on that host: flatnet-cni check'],
  needs: ['peerViews'],
  judge: ({ peerViews }) => peerViews.asked.flatMap((asked) => judgePeer(peerViews.own, asked)),
})

function judgePeer(
  own: PeerViewFacts['own'],
  { peer, answer }: PeerViewFacts['asked'][number],
): readonly Finding[] {
  if (typeof answer === 'string') {
    const next = ['on that host: flatnet-cni check', 'on that host: systemctl enable --now flatnet-agent']
    const fault = "peer's agent does not answer"
    return [{ verdict: 'fail', fault, subject: peer, seen: `no view from its agent: ${answer}`, next }]
  }
  const { report, path, roundTripMs, clockAheadMs, by } = answer
  const disagreements = joinViews(
    { ...own, path },
    {
      name: report.name,
      version: report.agent.version,
      authorities: report.cas,
      mtuBytes: report.mtuBytes,
      path: report.path ?? undefined,
    },
    { clockAheadMs, roundTripMs, pace: own.pace },
  )
  if (disagreements.length > 0)
    return disagreements.map(({ verdict, seen, next }) => ({ verdict, subject: peer, seen, next }))
  const way = by === 'tunnel' ? 'through Nebula' : 'via the gateway path'
  return [{ verdict: 'ok', subject: peer, seen: `both views agree (it answered ${way})` }]
}
