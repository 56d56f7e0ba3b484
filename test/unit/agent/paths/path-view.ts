import t from 'tap'

import { pathView } from '../../../../src/agent/paths/path-view.ts'
import { momentNow } from '../../../../src/agent/paths/moment.ts'
import { happen, makePair, talk } from '../../../fixtures/agent/pair.ts'
import { A, aroundOf, B, peerOf } from '../../../fixtures/agent/peer.ts'

const NOW = 1_000_000

const at = (now: number) => ({ around: aroundOf(A), now, moment: momentNow(), closedPorts: [] })

t.test('a peer about which nothing is known yet', (t) => {
  const view = pathView(peerOf(A, B, NOW), at(NOW + 5), 'none')
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
  t.same(JSON.parse(JSON.stringify(view)), view, 'the view survives JSON')
  t.end()
})

t.test('a peer on the direct path, and one that no longer answers', (t) => {
  const pair = makePair(NOW)
  const { a, b } = pair
  for (const end of [a, b]) happen(end, { kind: 'start', adopt: false }, NOW)
  const now = talk(pair, NOW, 30_000)
  const view = pathView(a.peer, { ...at(now), around: a.around }, 'p2p')
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
  t.match(pathView(a.peer, { ...at(later), around: a.around }, 'gateway'), {
    route: { wanted: 'gateway' },
    reason: 'mtu',
    p2p: { bigPasses: false, loss: 0 },
  })
  t.end()
})

t.test('if our own port is closed, the peer is not blamed', (t) => {
  const pair = makePair(NOW)
  happen(pair.a, { kind: 'start', adopt: false }, NOW)
  const later = NOW + 60_000
  const own = ['10.86.1.1', '10.87.1.2', '10.87.1.3']
  const troubles = (addresses: readonly string[]): string => {
    const closedPorts = addresses.map(
      (address) => ({ protocol: 'udp', address, port: 4280, reason: 'EADDRINUSE' }) as const,
    )
    return pathView(
      pair.a.peer,
      { ...at(later), around: pair.a.around, closedPorts },
      'gateway',
    ).troubles.join('; ')
  }
  t.match(troubles([]), /no path answers/)
  t.equal(troubles(own), 'not measured: the agent of this host cannot open UDP 4280')
  t.match(troubles(own.slice(1)), /no path answers/, 'one lane is measured')
  t.end()
})

t.test('the age of a phase stays right if the clock is set', (t) => {
  const peer = peerOf(A, B, NOW)
  const { at: then, bootMs } = peer.changedAt
  // A minute later by the time since boot, and two days later by the time of day.
  const moment = { at: new Date(then.getTime() + 2 * 86_400_000), bootMs: bootMs + 60_000 }
  const { since } = pathView(peer, { ...at(NOW), moment }, 'gateway')
  t.equal(since, new Date(moment.at.getTime() - 60_000).toISOString())
  t.end()
})

t.test('a hold-off has an end, one without end has null', (t) => {
  const peer = peerOf(A, B, NOW)
  const until = (holdUntil: number): string | null => {
    peer.path = { ...peer.path, holdUntil }
    return pathView(peer, at(NOW), 'gateway').holdUntil
  }
  t.match(until(NOW + 60_000), /^\d{4}-\d\d-\d\dT.*Z$/)
  t.equal(until(NOW), null)
  t.equal(until(Infinity), null)
  t.end()
})
