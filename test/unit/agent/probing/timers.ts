import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'

import { MACHINE_CLOCK } from '../../../../src/agent/probing/clock.ts'
import { makeEngine } from '../../../../src/agent/probing/engine.ts'
import { type Loop, type LoopInputs, startLoop } from '../../../../src/agent/probing/timers.ts'
import type { AgentPeer } from '../../../../src/agent/peers/peer.ts'
import { A, aroundOf, B, peerOf, type RecordingHands, recordingHands } from '../../../fixtures/agent/peer.ts'

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
    engine: makeEngine({
      around: () => aroundOf(A),
      hands,
      clock: MACHINE_CLOCK,
      own: { sent: 0, received: 0 },
    }),
    linkPackets: () => undefined,
    clock: MACHINE_CLOCK,
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

t.test('peers are probed again and again, and the loop shows that it is alive', async (t) => {
  const { loop, hands, beats } = started()
  t.equal(beats(), 1, 'immediately')
  await until(() => hands.sentOut.length > 8 && beats() > 4)
  t.ok(hands.sentOut.some(({ to }) => to === '10.87.2.2'))
  loop.stop()
})

t.test('no peer gets a turn after the end, even if the loop is woken', async (t) => {
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

t.test('a woken peer gets a turn even if nothing is due', async (t) => {
  const { loop, peer, hands } = started()
  await until(() => hands.sentOut.length > 0)
  peer.clock.next.p2p = -Infinity
  const before = hands.sentOut.length
  loop.wake(peer)
  await until(() => hands.sentOut.length > before)
  loop.stop()
  t.pass('looked at')
})

t.test('if this process was stopped, the peer is not blamed', async (t) => {
  const { loop, peer, hands, stalls } = started()
  await until(() => hands.sentOut.length > 0)
  peer.path = { ...peer.path, phase: 'P2P_ACTIVE', canLeave: true }
  const blockedFrom = performance.now()
  while (performance.now() - blockedFrom < 2000);
  // A busy machine may have stopped it for shorter times as well.
  await until(() => stalls.includes('long'))
  t.match(
    peer.path,
    { phase: 'P2P_ACTIVE' },
    'other code checks whether the route guard has removed the route',
  )
  t.ok(peer.path.countFrom >= blockedFrom + 2000, 'silence counts from now on')
  t.equal(peer.lanes.p2p.small.missedBefore, 0)
  loop.stop()
})
