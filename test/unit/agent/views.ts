import t from 'tap'

import { pathView } from '../../../src/agent/views.ts'
import { makePair, talk } from '../../fixtures/agent-pair.ts'
import { A, aroundOf, B, peerOf } from '../../fixtures/agent-peer.ts'
import { judge } from '../../../src/agent/engine.ts'

const NOW = 1_000_000

t.test('a peer of which nothing is known yet', (t) => {
  const view = pathView(peerOf(A, B, NOW), aroundOf(A), 'none', NOW + 5)
  t.match(view, {
    name: 'host-2',
    overlay: ['10.86.2.1'],
    subnets: ['10.87.2.0/24'],
    fingerprint: '2'.repeat(64),
    source: '/etc/flatnet/peers.d/host-2.crt',
    notAfter: '2058-09-23T09:46:40.000Z',
    phase: 'GATEWAY_ONLY',
    holdUntil: null,
    route: { wanted: 'gateway', installed: 'none' },
    mtuBytes: 1300,
    peer: null,
    transitions: 0,
  })
  const unknown = {
    repliedAgoMs: null,
    heardAgoMs: null,
    rttMs: null,
    loss: 0,
    sent: 0,
    received: 0,
    bigPasses: null,
    bigMissedInRow: 0,
  }
  t.same([view.p2p, view.tunnel, view.gateway], [unknown, unknown, unknown])
  t.same(JSON.parse(JSON.stringify(view)), view, 'all of it survives JSON')
  t.end()
})

t.test('a peer on the P2P path, and one that does not answer any more', (t) => {
  const pair = makePair(NOW)
  const { a, b } = pair
  for (const end of [a, b]) judge(end.peer, { kind: 'start', adopt: false }, end.around, end.hands, NOW)
  const now = talk(pair, NOW, 30_000)
  const view = pathView(a.peer, a.around, 'p2p', now)
  t.match(view, {
    phase: 'P2P_ACTIVE',
    route: { wanted: 'p2p', installed: 'p2p' },
    peer: { phase: 'P2P_ACTIVE' },
    p2p: { rttMs: 2, loss: 0, bigPasses: true },
    troubles: [],
  })
  t.ok(view.p2p.sent >= view.p2p.received && view.p2p.received > 50)
  t.ok(view.p2p.repliedAgoMs !== null && view.p2p.repliedAgoMs < 400)
  const big = (sent: { readonly datagram: Buffer }): boolean => sent.datagram.length < 1000
  const later = talk(pair, now, 12_000, big)
  t.match(pathView(a.peer, a.around, 'gateway', later), {
    route: { wanted: 'gateway' },
    reason: 'mtu',
    p2p: { bigPasses: false, loss: 0 },
  })
  t.end()
})

t.test('a hold-off is a moment, one without end none', (t) => {
  const peer = peerOf(A, B, NOW)
  const until = (holdUntil: number): string | null => {
    peer.path = { ...peer.path, holdUntil }
    return pathView(peer, aroundOf(A), 'gateway', NOW).holdUntil
  }
  t.match(until(NOW + 60_000), /^\d{4}-\d\d-\d\dT.*Z$/)
  t.equal(until(NOW), null)
  t.equal(until(Infinity), null)
  t.end()
})
