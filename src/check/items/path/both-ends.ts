// PATH-010: what both ends see fits together (`check --peer`).

import type { PeerReportFacts } from '../../facts/peer-reports.ts'
import { checkItem, type Finding } from '../../item.ts'
import { joinViews } from '../../join-views.ts'

export const bothEnds = checkItem({
  id: 'PATH-010',
  title: 'what both ends see fits together',
  why: 'A packet that one host sends and the other never gets is invisible to either alone: one-way firewalls, clocks, CAs and MTUs that differ show only when both views are compared.',
  causes: [
    'A firewall lets one direction through only.',
    'The hosts have different CAs, clocks, MTUs or versions.',
    'The agent of the other host does not run.',
  ],
  steps: ['flatnet-cni check --peer PEER', 'on that host: flatnet-cni check'],
  needs: ['peerReports'],
  judge: ({ peerReports }) => peerReports.asked.flatMap((asked) => judgePeer(peerReports.own, asked)),
})

function judgePeer(
  own: PeerReportFacts['own'],
  { peer, answer }: PeerReportFacts['asked'][number],
): readonly Finding[] {
  if (typeof answer === 'string') {
    const next = ['on that host: flatnet-cni check', 'on that host: systemctl enable --now flatnet-agent']
    return [{ verdict: 'fail', subject: peer, seen: `it does not tell its side: ${answer}`, next }]
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
  const way = by === 'tunnel' ? 'through Nebula' : 'by the gateway path'
  return [{ verdict: 'ok', subject: peer, seen: `both views agree (it answered ${way})` }]
}
