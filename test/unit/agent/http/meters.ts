import t from 'tap'

import { type MeterInputs, makeMeters } from '../../../../src/agent/http/meters.ts'
import type { AgentPeer } from '../../../../src/agent/peers/peer.ts'
import { A, B, contactOf, peerOf } from '../../../fixtures/agent/peer.ts'

const inputs = (peers: readonly AgentPeer[], changes: Partial<MeterInputs> = {}): MeterInputs => ({
  // A set of peers has each only once.
  peers: peers.values(),
  refusedPeers: 0,
  ownExpiry: 2_700_000_000,
  leases: 3,
  garbage: { runs: 2, failures: 1, removed: new Map([['lease', 4]]) },
  containers: new Map([['self', 2]]),
  closedPorts: [{ protocol: 'udp', address: '10.86.1.1', port: 4280, reason: 'bind EADDRINUSE' }],
  httpGateways: ['up', 'up', 'down'],
  ...changes,
})
const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => !line.startsWith('#'))

t.test('paths, losses, certificates, leases and garbage have metrics', (t) => {
  const meters = makeMeters()
  const learnt = peerOf(A, { number: 3 }, 0)
  learnt.contact = { ...learnt.contact, source: 'learnt from 10.86.0.1' }
  const peer = peerOf(A, B, 0)
  Object.assign(peer.counts.p2p, { sent: 9, lost: 2 })
  meters.answered(peer, 'gateway', 1.5)
  meters.changed(peer, {
    from: 'P2P_ACTIVE',
    to: 'GATEWAY_FALLBACK',
    reason: 'silence',
    detail: 'no answer for 812 ms',
    epoch: 4,
  })
  meters.refused('forged')
  meters.refused('forged')
  meters.exchanged({ kind: 'pull', result: 'unchanged' })
  meters.exchanged({ kind: 'announce', result: 'taken' })
  meters.exchanged({ kind: 'learnt' })
  meters.exchanged({ kind: 'refused', why: 'expired' })
  meters.routesChanged(2)
  meters.stalled()
  const lines = linesOf(meters.text(inputs([peer, learnt], { refusedPeers: 1 })))
  for (const line of [
    'flatnet_path_state{peer="host-2",state="GATEWAY_ONLY"} 1',
    'flatnet_path_state{peer="host-2",state="P2P_ACTIVE"} 0',
    'flatnet_path_transitions_total{peer="host-2",to="GATEWAY_FALLBACK",reason="silence"} 1',
    'flatnet_probe_sent_total{peer="host-2",lane="p2p"} 9',
    'flatnet_probe_lost_total{peer="host-2",lane="p2p"} 2',
    'flatnet_probe_rtt_seconds_count{peer="host-2",lane="gateway"} 1',
    'flatnet_probe_rtt_seconds_sum{peer="host-2",lane="gateway"} 0.0015',
    'flatnet_probe_refused_total{why="forged"} 2',
    'flatnet_peers{source="file"} 1',
    'flatnet_peers{source="learnt"} 1',
    'flatnet_peers_refused 1',
    'flatnet_certificate_expiry_timestamp_seconds{peer="self"} 2700000000',
    'flatnet_certificate_expiry_timestamp_seconds{peer="host-2"} 2800000000',
    'flatnet_leases 3',
    'flatnet_gc_runs_total 2',
    'flatnet_gc_failures_total 1',
    'flatnet_exchange_pulls_total{result="unchanged"} 1',
    'flatnet_exchange_announcements_total{result="taken"} 1',
    'flatnet_exchange_learnt_total 1',
    'flatnet_probe_refused_total{why="certificate-expired"} 1',
    'flatnet_gc_removed_total{kind="lease"} 4',
    'flatnet_route_changes_total 2',
    'flatnet_agent_stalls_total 1',
    'flatnet_agent_closed_ports{protocol="udp"} 1',
    'flatnet_agent_closed_ports{protocol="tcp"} 0',
  ])
    t.ok(lines.includes(line), line)
  const build = `flatnet_build_info{version="unbuilt",commit="unknown",node="${process.versions.node}"} 1`
  t.ok(lines.includes(build), build)
  t.ok(lines.some((line) => /^process_open_fds [1-9]/.test(line)))
  t.end()
})

t.test('a peer that has left has no series', (t) => {
  const meters = makeMeters()
  const [b, c] = [peerOf(A, B, 0), peerOf(A, { number: 3 }, 0)]
  meters.answered(b, 'p2p', 1)
  t.match(meters.text(inputs([b, c])), /host-2/)
  const text = meters.text(inputs([c]))
  t.notMatch(text, /host-2/)
  t.match(text, /host-3/)
  t.end()
})

t.test('a host with a new name in its new certificate keeps its figures', (t) => {
  const meters = makeMeters()
  const peer = peerOf(A, B, 0)
  meters.answered(peer, 'p2p', 1)
  meters.text(inputs([peer]))
  peer.contact = contactOf(A, { ...B, name: 'renamed', fingerprint: 'ab'.repeat(32) })
  meters.answered(peer, 'p2p', 1)
  const text = meters.text(inputs([peer]))
  t.notMatch(text, /host-2/)
  t.match(text, /flatnet_probe_rtt_seconds_count\{peer="renamed",lane="p2p"\} 1/)
  t.end()
})

t.test("one of two hosts with the same name can leave without taking the other's figures along", (t) => {
  const meters = makeMeters()
  const [one, other] = [peerOf(A, { ...B, name: 'twin' }, 0), peerOf(A, { number: 3, name: 'twin' }, 0)]
  meters.answered(one, 'p2p', 1)
  meters.answered(other, 'p2p', 1)
  meters.text(inputs([one, other]))
  meters.text(inputs([other]))
  meters.answered(other, 'p2p', 1)
  t.match(meters.text(inputs([other])), /flatnet_probe_rtt_seconds_count\{peer="twin",lane="p2p"\} 3/)
  t.end()
})
