import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'

import { type Loop, type LoopInputs, startLoop } from '../../../src/agent/loop.ts'
import type { AgentPeer } from '../../../src/agent/peer.ts'
import { A, aroundOf, B, peerOf, type RecordingHands, recordingHands } from '../../fixtures/agent-peer.ts'

interface Running {
  readonly loop: Loop
  readonly peer: AgentPeer
  readonly hands: RecordingHands
  readonly beats: () => number
  readonly stalls: string[]
}

function started(changes: Partial<LoopInputs> = {}): Running {
  const peer = peerOf(A, B, performance.now())
  const hands = recordingHands()
  const stalls: string[] = []
  let beats = 0
  const loop = startLoop({
    peers: () => [peer].values(),
    around: () => aroundOf(A),
    nebulaDev: () => undefined,
    hands,
    beatMs: 20,
    onBeat: () => (beats += 1),
    onStall: (stall) => stalls.push(stall),
    ...changes,
  })
  return { loop, peer, hands, beats: () => beats, stalls }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5)
}

t.test('peers are asked again and again, and others see that the loop lives', async (t) => {
  const { loop, hands, beats } = started()
  t.equal(beats(), 1, 'at once')
  await until(() => hands.sentOut.length > 8 && beats() > 4)
  t.ok(hands.sentOut.some(({ to }) => to === '10.87.2.2'))
  loop.stop()
})

t.test('nobody is looked at after the end, whoever wakes the loop', async (t) => {
  const { loop, peer, hands, beats } = started()
  loop.stop()
  const [sent, beaten] = [hands.sentOut.length, beats()]
  peer.clock.next.p2p = 0
  loop.wake(peer)
  loop.wake()
  await sleep(100)
  t.equal(hands.sentOut.length, sent)
  t.equal(beats(), beaten)
})

t.test('a peer that is woken is looked at although nothing is due', async (t) => {
  const { loop, peer, hands } = started()
  await until(() => hands.sentOut.length > 0)
  peer.clock.next.p2p = -Infinity
  const before = hands.sentOut.length
  loop.wake(peer)
  await until(() => hands.sentOut.length > before)
  loop.stop()
  t.pass('looked at')
})

t.test('what stood still was this process: the peer is not blamed', async (t) => {
  const { loop, peer, hands, stalls } = started()
  await until(() => hands.sentOut.length > 0)
  peer.path = { ...peer.path, phase: 'P2P_ACTIVE', canLeave: true }
  const blockedFrom = performance.now()
  while (performance.now() - blockedFrom < 2000);
  await until(() => stalls.length > 0)
  t.equal(stalls[0], 'long')
  t.match(peer.path, { phase: 'P2P_ACTIVE' }, 'whether the route guard has taken the route, others look')
  t.ok(peer.path.countFrom >= blockedFrom + 2000, 'silence counts from now on')
  t.equal(peer.lanes.p2p.small.missedBefore, 0)
  loop.stop()
})
