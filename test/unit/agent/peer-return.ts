import t from 'tap'

import { makePeerSet } from '../../../src/agent/peers/peer-set.ts'
import { AGENT_DEFAULTS } from '../../../src/config/agent-settings.ts'
import { A, B, contactOf } from '../../fixtures/agent/peer.ts'
import { type AgentEnd, happen, look, makePair, talk } from '../../fixtures/agent/pair.ts'

t.test('a peer that leaves and returns is on the direct path again, on both sides', (t) => {
  const begun = performance.now()
  const { a: firstA, b } = makePair(begun)
  const set = makePeerSet(() => AGENT_DEFAULTS)
  const join = (now: number): AgentEnd => {
    const [peer] = set.update([contactOf(A, B)]).joined
    if (peer === undefined) throw new Error('no peer joined')
    const end = { ...firstA, peer }
    happen(end, { kind: 'start', adopt: false }, now)
    return end
  }
  happen(b, { kind: 'start', adopt: false }, begun)
  let a = join(begun)
  let now = talk({ a, b }, begun, 60_000)
  t.same([a.peer.path.phase, b.peer.path.phase], ['P2P_ACTIVE', 'P2P_ACTIVE'])
  // Builds up some history, so that the peer's earlier messages have high numbers.
  for (let fall = 0; fall < 3; fall += 1) {
    now = talk({ a, b }, now, 3000, ({ to }) => !to.endsWith('.2'))
    t.equal(a.peer.path.phase, 'GATEWAY_FALLBACK')
    if (fall < 2) now = talk({ a, b }, now, 60_000)
  }
  // B continues alone: it does not know that A has dropped it.
  for (const peer of set.update([]).left) happen({ ...firstA, peer }, { kind: 'certificate' }, now)
  for (const until = now + 30_000; now < until; now += 50) look(b, now)
  a = join(now)
  now = talk({ a, b }, now, 120_000)
  t.same([a.peer.path.phase, b.peer.path.phase], ['P2P_ACTIVE', 'P2P_ACTIVE'])
  t.equal(a.peer.word?.epoch, b.peer.path.epoch, "each knows the other's present state")
  t.equal(b.peer.word?.epoch, a.peer.path.epoch)
  t.end()
})
