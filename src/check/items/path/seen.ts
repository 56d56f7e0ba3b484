// PATH-002: the peer answers on at least one path.

import type { PathView } from '../../../views/paths.ts'
import type { ProbePace } from '../../../config/agent-settings.ts'
import { checkItem, type Finding } from '../../item.ts'
import { silentAfterMs } from '../../silence.ts'

export const seen = checkItem({
  id: 'PATH-002',
  title: 'peer answers',
  fault: 'peer does not answer on any path',
  why:
    'The host is off, on another network or behind a firewall. ' +
    'Other faults of the paths to it follow from that.',
  causes: [
    'The host is switched off or asleep.',
    'Neither Nebula nor flatnet-agent runs there.',
    'A firewall blocks it on every path.',
  ],
  steps: ['on that host: flatnet-cni check'],
  needs: ['paths'],
  after: ['AGENT-001', 'AGENT-009', 'NEB-001', 'NEB-004'],
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
    next: ['check that the host is on; on that host: flatnet-cni check', `ping ${overlay[0] ?? name}`],
  }
}

// A host that reboots is back within this time.
function goneAfterMs(pace: ProbePace): number {
  return Math.max(45_000, ...(['p2p', 'tunnel', 'gateway'] as const).map((lane) => silentAfterMs(pace, lane)))
}

/** Tells whether the peer was ever heard. If not, items about quality have nothing to judge. */
export function wasHeard({ p2p, tunnel, gateway }: PathView): boolean {
  return [p2p, tunnel, gateway].some((lane) => lane.repliedAgoMs !== null || lane.heardAgoMs !== null)
}

function ago(ms: number): string {
  return ms < 10_000 ? `${String(Math.round(ms))} ms` : `${String(Math.round(ms / 1000))} s`
}
