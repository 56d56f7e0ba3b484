import t from 'tap'

import { judge } from '../../../src/agent/engine.ts'
import { makePeerSet } from '../../../src/agent/peer-set.ts'
import { AGENT_DEFAULTS } from '../../../src/config/agent-settings.ts'
import { A, B, contactOf } from '../../fixtures/agent-peer.ts'
import { type AgentEnd, look, makePair, talk } from '../../fixtures/agent-pair.ts'

t.test('a peer that leaves and comes back is on the P2P path again, on both sides', (t) => {
  const begun = performance.now()
  const { a: firstA, b } = makePair(begun)
  const set = makePeerSet(() => AGENT_DEFAULTS)
  const join = (now: number): AgentEnd => {
    const [peer] = set.update([contactOf(A, B)]).joined
    if (peer === undefined) throw new Error('nobody joined')
    const end = { ...firstA, peer }
    judge(peer, { kind: 'start', adopt: false }, end.around, end.hands, now)
    return end
  }
  judge(b.peer, { kind: 'start', adopt: false }, b.around, b.hands, begun)
  let a = join(begun)
  let now = talk({ a, b }, begun, 60_000)
  t.same([a.peer.path.phase, b.peer.path.phase], ['P2P_ACTIVE', 'P2P_ACTIVE'])
  // Some history: what the peer said before it left has high numbers.
  for (let fall = 0; fall < 3; fall += 1) {
    now = talk({ a, b }, now, 3000, ({ to }) => !to.endsWith('.2'))
    t.equal(a.peer.path.phase, 'GATEWAY_FALLBACK')
    if (fall < 2) now = talk({ a, b }, now, 60_000)
  }
  // B alone goes on: it does not know that A has let go of it.
  for (const peer of set.update([]).left)
    judge(peer, { kind: 'certificate' }, firstA.around, firstA.hands, now)
  for (const until = now + 30_000; now < until; now += 50) look(b, now)
  a = join(now)
  now = talk({ a, b }, now, 120_000)
  t.same([a.peer.path.phase, b.peer.path.phase], ['P2P_ACTIVE', 'P2P_ACTIVE'])
  t.equal(a.peer.word?.epoch, b.peer.path.epoch, 'and each knows what the other says now')
  t.equal(b.peer.word?.epoch, a.peer.path.epoch)
  t.end()
})
