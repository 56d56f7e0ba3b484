import fc from 'fast-check'
import t from 'tap'

import { parseIp } from '../../../../src/addr/ip.ts'
import { networkOf, overlaps, parsePrefix, type Prefix } from '../../../../src/addr/prefix.ts'
import { overlappingPeers } from '../../../../src/nebula/hosts/peer-conflicts.ts'
import type { PeerFacts } from '../../../../src/nebula/hosts/peer-facts.ts'
import { holdsForAll } from '../fixtures/property.ts'

const prefixes = (...texts: string[]): Prefix[] => texts.flatMap((text) => parsePrefix(text) ?? [])
const OWN = { subnets: prefixes('10.87.1.0/24'), notBefore: 900, fingerprint: 'own' }

let count = 0

/** "b 10.86.2.1 10.87.2.0/24": name, overlay addresses, subnets. */
function peer(text: string, facts: Partial<PeerFacts> = {}): PeerFacts {
  const [name = '', overlay = '', subnets = ''] = text.split(' ')
  count += 1
  return {
    name,
    version: 1,
    overlay: overlay.split(',').flatMap((address) => parseIp(address) ?? []),
    networks: overlay
      .split(',')
      .flatMap((address) => parsePrefix(`${address}/${address.includes(':') ? '64' : '16'}`) ?? [])
      .map(networkOf),
    subnets: prefixes(...subnets.split(',')),
    fingerprint: String(count).padStart(5, '0'),
    notBefore: 1000,
    notAfter: 2000,
    ...facts,
  }
}

t.test('peers with different subnets are accepted in their order', (t) => {
  const peers = [
    peer('d 10.86.4.1 10.87.4.0/24'),
    peer('lh 10.86.0.1'),
    peer('b 10.86.2.1 10.87.2.0/24,fd87::/64'),
  ]
  t.same(overlappingPeers(OWN, peers), {
    accepted: peers,
    refused: [],
    superseded: [],
    ownRefused: undefined,
  })
  t.end()
})

t.test('a peer that overlaps this host, the overlay or another peer is refused with the reason', (t) => {
  const cases: readonly (readonly [says: string, peers: string[], refused: string[]])[] = [
    ['ours', ['b 10.86.2.1 10.87.1.0/24'], ["b: its subnet 10.87.1.0/24 overlaps this host's 10.87.1.0/24"]],
    [
      'a part of ours',
      ['b 10.86.2.1 10.87.1.128/25'],
      ["b: its subnet 10.87.1.128/25 overlaps this host's 10.87.1.0/24"],
    ],
    [
      'more than ours',
      ['b 10.86.2.1 10.87.0.0/20'],
      ["b: its subnet 10.87.0.0/20 overlaps this host's 10.87.1.0/24"],
    ],
    [
      'its overlay',
      ['b 10.86.2.1 10.86.9.0/24'],
      ['b: its subnet 10.86.9.0/24 overlaps the overlay network 10.86.0.0/16'],
    ],
    [
      'our overlay',
      ['b 10.96.2.1 10.85.9.0/24'],
      ['b: its subnet 10.85.9.0/24 overlaps the overlay network 10.85.0.0/16'],
    ],
    [
      'each other',
      ['b 10.86.2.1 10.87.2.0/24', 'c 10.86.3.1 10.87.2.0/25', 'd 10.86.4.1 10.87.4.0/24'],
      ['c: its subnet 10.87.2.0/25 overlaps 10.87.2.0/24 of "b", whose certificate was issued first'],
    ],
    [
      'two pairs',
      ['b 10.86.2.1 10.87.2.0/24,10.87.3.0/24', 'c 10.86.3.1 10.87.2.0/24', 'd 10.86.4.1 10.87.3.0/24'],
      [
        'c: its subnet 10.87.2.0/24 overlaps 10.87.2.0/24 of "b", whose certificate was issued first',
        'd: its subnet 10.87.3.0/24 overlaps 10.87.3.0/24 of "b", whose certificate was issued first',
      ],
    ],
    [
      'two hosts of one name',
      ['b 10.86.2.1 10.87.2.0/24', 'b 10.86.3.1 10.87.2.0/24'],
      ['b: its subnet 10.87.2.0/24 overlaps 10.87.2.0/24 of "b", whose certificate was issued first'],
    ],
    [
      'two names with one address',
      ['b 10.86.2.1 10.87.2.0/24', 'c 10.86.2.1 10.87.2.0/24'],
      ['c: its subnet 10.87.2.0/24 overlaps 10.87.2.0/24 of "b", whose certificate was issued first'],
    ],
    ['its own subnets, one inside the other', ['b 10.86.2.1 10.87.2.0/24,10.87.2.0/25'], []],
  ]
  for (const [says, texts, reasons] of cases) {
    const peers = texts.map((text) => peer(text))
    const seen = overlappingPeers(OWN, peers, prefixes('10.85.0.0/16'))
    t.same(
      seen.refused.map(({ peer: { name }, reason }) => `${name}: ${reason}`),
      reasons,
      says,
    )
    t.equal(seen.accepted.length + seen.refused.length, peers.length, says)
  }
  t.end()
})

t.test('of several certificates of one host the latest counts, without a warning', (t) => {
  const old = peer('b 10.86.2.1 10.87.2.0/24')
  const cases: readonly (readonly [says: string, newer: PeerFacts])[] = [
    ['renewed', peer('b 10.86.2.1 10.87.2.0/24', { notBefore: 1001 })],
    ['renewed with another subnet', peer('b 10.86.2.1 10.87.9.0/24', { notBefore: 1001 })],
    ['renewed with IPv6', peer('b 10.86.2.1,fd86::2 10.87.2.0/24,fd87::/64', { notBefore: 1001 })],
    ['version 2 of the same moment', peer('b 10.86.2.1 10.87.2.0/24', { version: 2 })],
    ['with IPv6 of the same moment', peer('b 10.86.2.1,fd86::2 10.87.2.0/24')],
  ]
  for (const [says, newer] of cases) {
    for (const peers of [
      [old, newer],
      [newer, old],
    ]) {
      t.same(
        overlappingPeers(OWN, peers),
        { accepted: [newer], refused: [], superseded: [old], ownRefused: undefined },
        says,
      )
    }
  }
  const twin = peer('b 10.86.2.1 10.87.2.0/24')
  const once = overlappingPeers(OWN, [old, twin]).accepted
  t.equal(once.length, 1)
  t.same(overlappingPeers(OWN, [twin, old]).accepted, once, 'the order does not matter')
  t.same(overlappingPeers(OWN, [old, old]).accepted, [old], 'the same certificate twice')
  t.end()
})

t.test('an overlapping newer certificate is refused, and the older one does not return', (t) => {
  const old = peer('b 10.86.2.1 10.87.2.0/24')
  const newer = peer('b 10.86.2.1 10.87.1.0/24', { notBefore: 1001 })
  const seen = overlappingPeers(OWN, [old, newer])
  t.same(seen.accepted, [])
  t.same(
    seen.refused.map((each) => each.peer),
    [newer],
  )
  t.end()
})

t.test('a newer host takes nothing from a peer, and a refused host takes nothing from a third', (t) => {
  const elder = peer('b 10.86.2.1 10.87.2.0/24', { notBefore: 1000 })
  const wide = peer('c 10.86.3.1 10.87.2.0/23', { notBefore: 1100 })
  const narrow = peer('d 10.86.4.1 10.87.3.0/24', { notBefore: 1200 })
  const seen = overlappingPeers(OWN, [narrow, wide, elder])
  t.same(seen.accepted, [narrow, elder])
  t.match(seen.refused, [
    { peer: wide, reason: 'overlaps 10.87.2.0/24 of "b", whose certificate was issued first' },
  ])
  t.end()
})

t.test('a host with the newer certificate reports that the others refuse it', (t) => {
  const elder = peer('b 10.86.2.1 10.87.0.0/20', { notBefore: 899 })
  const seen = overlappingPeers(OWN, [elder])
  t.match(seen.refused, [{ peer: elder, reason: "overlaps this host's 10.87.1.0/24" }])
  t.match(seen.ownRefused, 'this host\'s subnet 10.87.1.0/24 overlaps 10.87.0.0/20 of "b"')
  t.match(seen.ownRefused, 'sign this host again with another subnet')
  t.end()
})

t.test('every host reaches the same verdict in any order of learning', (t) => {
  const host = fc.record({
    subnet: fc.record({ value: fc.integer({ min: 0, max: 15 }), length: fc.integer({ min: 20, max: 24 }) }),
    notBefore: fc.integer({ min: 1000, max: 1003 }),
  })
  const hosts = fc.uniqueArray(host, { minLength: 2, maxLength: 7, selector: (each) => JSON.stringify(each) })
  const property = hosts.chain((list) =>
    fc.tuple(
      fc.constant(list),
      fc.shuffledSubarray(
        list.map((_, index) => index),
        { minLength: list.length },
      ),
    ),
  )
  holdsForAll(t, property, ([list, order]) => {
    const all = list.map(({ subnet, notBefore }, index) =>
      peer(
        `h${String(index)} 10.86.${String(index)}.1 10.87.${String(subnet.value)}.0/${String(subnet.length)}`,
        {
          notBefore,
          subnets: [
            networkOf({ family: 4, value: 0x0a570000n + BigInt(subnet.value * 256), length: subnet.length }),
          ],
          fingerprint: `f${String(index)}`,
        },
      ),
    )
    const bystander = { subnets: [], notBefore: 1, fingerprint: 'x' }
    const verdict = new Set(overlappingPeers(bystander, all).accepted)
    const shuffled = order.flatMap((index) => all[index] ?? [])
    for (const own of all) {
      const seen = overlappingPeers(
        own,
        shuffled.filter((each) => each !== own),
      )
      if ((seen.ownRefused === undefined) !== verdict.has(own))
        throw new Error(`${own.name} is wrong about itself`)
      for (const other of all) {
        if (other === own) continue
        const clashes = other.subnets.some((a) => own.subnets.some((b) => overlaps(a, b)))
        const accepted = seen.accepted.includes(other)
        if (accepted !== (verdict.has(other) && !clashes))
          throw new Error(`${own.name} is wrong about ${other.name}`)
      }
    }
  })
  t.end()
})

t.test('five thousand peers are compared with their neighbours only', (t) => {
  const peers = Array.from({ length: 5000 }, (_, index) => {
    const subnet = { family: 4 as const, value: BigInt(0x0b000000 + index * 256), length: 24 }
    return peer(`p${String(index)} 10.86.2.1`, { subnets: [subnet] })
  })
  const thief = peer('thief 10.86.2.2 11.0.7.0/25')
  const seen = overlappingPeers(OWN, [...peers, thief])
  t.equal(seen.accepted.length, 5000)
  t.same(
    seen.refused.map(({ peer: { name } }) => name),
    ['thief'],
  )
  t.end()
})
