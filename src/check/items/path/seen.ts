// PATH-002: the peer was ever heard of by any path.

import type { PathView } from '../../../api/views.ts'
import { checkItem } from '../../item.ts'

export const seen = checkItem({
  id: 'PATH-002',
  title: 'peer was heard',
  why: 'A host that never answered on any path is switched off, elsewhere, or shut away by a firewall.',
  causes: [
    'The host is switched off or asleep.',
    'Neither Nebula nor flatnet-agent runs there.',
    'A firewall keeps it away on every path.',
  ],
  steps: ['on that host: flatnet-cni check'],
  needs: ['paths'],
  after: ['AGENT-001', 'NEB-001', 'NEB-004'],
  judge: ({ paths }) =>
    paths.peers.map(({ name, overlay, p2p, tunnel, gateway }) => {
      const ages = [p2p, tunnel, gateway].flatMap((lane) => [lane.repliedAgoMs, lane.heardAgoMs])
      const newest = Math.min(...ages.map((age) => age ?? Infinity))
      if (newest < Infinity) return { verdict: 'ok', subject: name, seen: `last heard ${ago(newest)} ago` }
      return {
        verdict: 'fail',
        subject: name,
        seen: 'never answered on any path',
        next: [
          'see that the host is on, and that Nebula and flatnet-agent run there: flatnet-cni check',
          `ping ${overlay[0] ?? name}`,
        ],
      }
    }),
})

/** Whether anything was ever heard of a peer; items about quality have nothing to judge otherwise. */
export function wasHeard({ p2p, tunnel, gateway }: PathView): boolean {
  return [p2p, tunnel, gateway].some((lane) => lane.repliedAgoMs !== null || lane.heardAgoMs !== null)
}

function ago(ms: number): string {
  return ms < 10_000 ? `${String(Math.round(ms))} ms` : `${String(Math.round(ms / 1000))} s`
}
