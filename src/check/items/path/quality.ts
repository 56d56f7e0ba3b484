// PATH-005: probe loss is low on the path in use and on the other one.

import type { LaneView, PathView } from '../../../views/paths.ts'
import { checkItem, type Finding } from '../../item.ts'
import { wasHeard } from './seen.ts'

// More than one of the twenty probes in the short window (src/paths/escalation/options.ts).
export const LOSSY = 0.06

const SETTLED_SECONDS = 60

export const quality = checkItem({
  id: 'PATH-005',
  title: 'few packets are lost',
  fault: 'path in use loses packets',
  why: 'A few per cent of loss make TCP slow, long before a path counts as dead.',
  causes: ['Wi-Fi, a VPN or a full line between the hosts.'],
  steps: ['flatnet-cni path PEER --watch'],
  needs: ['paths', 'now'],
  after: ['PATH-002', 'PATH-003', 'PATH-004'],
  judge: ({ paths, now }) => paths.peers.filter(wasHeard).map((peer) => judgePeer(peer, now)),
})

function judgePeer({ name, phase, since, p2p, gateway }: PathView, now: number): Finding {
  const seen = `direct ${figures(p2p)}, gateway ${figures(gateway)}`
  const used = phase === 'P2P_ACTIVE' ? p2p : gateway
  // The window still includes losses from before the switch to this path.
  if (now - Date.parse(since) / 1000 < SETTLED_SECONDS)
    return { verdict: 'ok', subject: name, seen: `${seen} (path changed a moment ago)` }
  if (used.repliedAgoMs === null || used.loss < LOSSY) return { verdict: 'ok', subject: name, seen }
  return {
    verdict: 'warn',
    subject: name,
    seen,
    next: [
      'find what loses packets between the two hosts: Wi-Fi, VPN, a full line',
      `flatnet-cni path ${name} --watch`,
    ],
  }
}

function figures({ repliedAgoMs, rttMs, loss }: LaneView): string {
  if (repliedAgoMs === null) return 'never answered'
  return `${rttMs === null ? '?' : rttMs.toFixed(1)} ms, ${(loss * 100).toFixed(1)} % lost`
}
