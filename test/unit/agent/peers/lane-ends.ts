import t from 'tap'

import { laneEnds, ownEnds, type Side } from '../../../../src/agent/peers/lane-ends.ts'
import { ip, prefix } from '../../../fixtures/addresses.ts'

const side = (overlay: readonly string[], subnets: readonly string[]): Side => ({
  overlay: overlay.map(ip),
  subnets: subnets.map(prefix),
})
const A = side(['10.86.1.1'], ['10.87.1.0/24'])
const B = side(['10.86.2.1'], ['10.87.2.0/24'])
const A_DUAL = side(['10.86.1.1', 'fd86::1'], ['10.87.1.0/24', 'fd87:0:0:1::/64'])
const B_DUAL = side(['10.86.2.1', 'fd86::2'], ['10.87.2.0/24', 'fd87:0:0:2::/64'])
const B_SIX = side(['fd86::2'], ['fd87:0:0:2::/64'])

const texts = (own: Side, peer: Side): Record<string, string> =>
  Object.fromEntries([...laneEnds(own, peer)].map(([lane, { from, to }]) => [lane, `${from} ${to}`]))

const FOUR = {
  tunnel: '10.86.1.1 10.86.2.1',
  p2p: '10.87.1.2 10.87.2.2',
  gateway: '10.87.1.3 10.87.2.3',
  user: '10.87.1.1 10.87.2.1',
}
const SIX = {
  tunnel: 'fd86::1 fd86::2',
  p2p: 'fd87:0:0:1::2 fd87:0:0:2::2',
  gateway: 'fd87:0:0:1::3 fd87:0:0:2::3',
  user: 'fd87:0:0:1::1 fd87:0:0:2::1',
}

t.test('the lanes between two hosts', (t) => {
  t.same(texts(A, B), FOUR)
  t.same(texts(A_DUAL, B_DUAL), FOUR, 'one family is enough')
  t.same(texts(A_DUAL, B_SIX), SIX, 'the family that both have')
  t.same(texts(A, B_SIX), {}, 'no common family')
  t.end()
})

t.test('a host without a container subnet has no lanes', (t) => {
  t.same(texts(A, side(['10.86.0.1'], [])), {})
  t.same(texts(side(['10.86.0.1'], []), B), {})
  t.end()
})

t.test('the smallest valid subnet has all lanes, a smaller one has no probe addresses', (t) => {
  t.same(texts(A, side(['10.86.2.1'], ['10.87.2.8/29'])), {
    tunnel: '10.86.1.1 10.86.2.1',
    p2p: '10.87.1.2 10.87.2.10',
    gateway: '10.87.1.3 10.87.2.11',
    user: '10.87.1.1 10.87.2.9',
  })
  t.same(Object.keys(texts(A, side(['10.86.2.1'], ['10.87.2.8/30']))), ['tunnel', 'user'])
  t.end()
})

t.test('both ends see the same lanes', (t) => {
  const pairs = [[A, B] as const, [A_DUAL, B_DUAL] as const, [A_DUAL, B_SIX] as const]
  for (const [own, peer] of pairs) {
    const there = laneEnds(own, peer)
    for (const [lane, { from, to }] of laneEnds(peer, own)) t.same(there.get(lane), { from: to, to: from })
  }
  t.end()
})

t.test('messages arrive on the addresses of every family', (t) => {
  t.same(
    [...ownEnds(A_DUAL)],
    [
      ['10.86.1.1', 'tunnel'],
      ['10.87.1.2', 'p2p'],
      ['10.87.1.3', 'gateway'],
      ['10.87.1.1', 'user'],
      ['fd86::1', 'tunnel'],
      ['fd87:0:0:1::2', 'p2p'],
      ['fd87:0:0:1::3', 'gateway'],
      ['fd87:0:0:1::1', 'user'],
    ],
  )
  t.same([...ownEnds(side(['10.86.0.1'], []))], [], 'a lighthouse listens on no address')
  t.end()
})
