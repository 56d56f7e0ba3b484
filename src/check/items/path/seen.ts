// PATH-002: the peer is heard of by some path.

import type { PathView } from '../../../api/views.ts'
import type { ProbePace } from '../../../config/agent-settings.ts'
import { checkItem, type Finding } from '../../item.ts'
import { silentAfterMs } from '../../silence.ts'

export const seen = checkItem({
  id: 'PATH-002',
  title: 'peer is heard',
  why: 'A host that answers on no path is switched off, elsewhere, or shut away by a firewall. What is wrong with the paths to it follows from that.',
  causes: [
    'The host is switched off or asleep.',
    'Neither Nebula nor flatnet-agent runs there.',
    'A firewall keeps it away on every path.',
  ],
  steps: ['on that host: flatnet-cni check'],
  needs: ['paths'],
  after: ['AGENT-001', 'NEB-001', 'NEB-004'],
  judge: ({ paths: { peers, pace } }) => peers.map((peer) => judgePeer(peer, pace)),
})

function judgePeer({ name, overlay, p2p, tunnel, gateway }: PathView, pace: ProbePace): Finding {
  const ages = [p2p, tunnel, gateway].flatMap((lane) => [lane.repliedAgoMs, lane.heardAgoMs])
  const newest = Math.min(...ages.map((age) => age ?? Infinity))
  if (newest < goneAfterMs(pace))
    return { verdict: 'ok', subject: name, seen: `last heard ${ago(newest)} ago` }
  return {
    verdict: 'fail',
    subject: name,
    seen: newest === Infinity ? 'never answered on any path' : `nothing heard on any path for ${ago(newest)}`,
    next: [
      'see that the host is on, and that Nebula and flatnet-agent run there: flatnet-cni check',
      `ping ${overlay[0] ?? name}`,
    ],
  }
}

// A host that starts again is back within this time.
function goneAfterMs(pace: ProbePace): number {
  return Math.max(45_000, ...(['p2p', 'tunnel', 'gateway'] as const).map((lane) => silentAfterMs(pace, lane)))
}

/** Whether anything was ever heard of a peer; items about quality have nothing to judge otherwise. */
export function wasHeard({ p2p, tunnel, gateway }: PathView): boolean {
  return [p2p, tunnel, gateway].some((lane) => lane.repliedAgoMs !== null || lane.heardAgoMs !== null)
}

function ago(ms: number): string {
  return ms < 10_000 ? `${String(Math.round(ms))} ms` : `${String(Math.round(ms / 1000))} s`
}
