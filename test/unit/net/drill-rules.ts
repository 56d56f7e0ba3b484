import t from 'tap'
import {
  blockRules,
  conclude,
  markedSizes,
  parseBlocked,
  parseSeen,
  seenRules,
  type Underlay,
} from '../../../src/net/drill-rules.ts'

const B: Underlay = { family: 4, address: '192.168.1.12', port: 4242 }
const C: Underlay = { family: 4, address: '192.168.1.13', port: 4242 }
const SIX: Underlay = { family: 6, address: 'fd00::12', port: 4242 }

t.test('no two probe sizes look alike, direct or relayed', (t) => {
  for (let step = 0; step < 1000; step += 1) {
    const sizes = markedSizes(step / 1000)
    for (const extra of [60, 80]) {
      const outer = sizes.flatMap((size) => [size + extra, size + extra + 32])
      t.equal(new Set(outer).size, 6)
    }
    if (Math.max(...sizes) > 1150 || Math.min(...sizes) < 600)
      t.fail(`too large or too common: ${String(sizes)}`)
  }
  t.end()
})

t.test("the watched sizes are the inner ones plus Nebula's overhead", (t) => {
  const rules = seenRules([700])
  for (const wanted of [
    'ip flatnet_drill_seen out meta l4proto udp meta length 760 add @direct0 { ip daddr . udp dport }',
    'ip flatnet_drill_seen out meta l4proto udp meta length 792 add @relayed0 { ip daddr . udp dport }',
    'ip6 flatnet_drill_seen out meta l4proto udp meta length 780 add @direct0 { ip6 daddr . udp dport }',
    'ip6 flatnet_drill_seen out meta l4proto udp meta length 812 add @relayed0 { ip6 daddr . udp dport }',
  ])
    t.ok(rules.includes(`${wanted}\n`), wanted)
  t.end()
})

t.test("nft's listing is read size by size, in both families", (t) => {
  const listing = `table ip flatnet_drill_seen {
	set direct0 {
		type ipv4_addr . inet_service
		size 256
		flags dynamic,timeout
		timeout 30s
		elements = { 192.168.1.12 . 4242 expires 29s900ms,
			     192.168.1.13 . 4242 expires 29s900ms }
	}

	set relayed0 {
		type ipv4_addr . inet_service
		size 256
		flags dynamic,timeout
		timeout 30s
	}

	set direct1 {
		type ipv4_addr . inet_service
		elements = { 192.168.1.12 . 4242 expires 29s900ms }
	}
}
table ip6 flatnet_drill_seen {
	set relayed1 {
		type ipv6_addr . inet_service
		elements = { fd00:0:0::12 . 4242 expires 1s }
	}
}
`
  t.same(parseSeen(listing, [700, 900]), [
    { direct: [B, C], relayed: [] },
    { direct: [B], relayed: [SIX] },
  ])
  t.same(parseSeen('', [700]), [{ direct: [], relayed: [] }])
  t.end()
})

for (const [what, sightings, verdict] of [
  ['nothing', [{ direct: [], relayed: [] }], { kind: 'nothing' }],
  [
    'one of two that appeared with every size',
    [
      { direct: [C, B], relayed: [] },
      { direct: [B], relayed: [] },
    ],
    { kind: 'direct', underlay: B },
  ],
  [
    'a different one each time',
    [
      { direct: [C], relayed: [] },
      { direct: [B], relayed: [] },
    ],
    { kind: 'nothing' },
  ],
  ['a relay', [{ direct: [], relayed: [SIX] }], { kind: 'relayed', underlay: SIX }],
  ['two alike', [{ direct: [B, C], relayed: [] }], { kind: 'several', underlays: [B, C] }],
  ['one of each', [{ direct: [B], relayed: [C] }], { kind: 'several', underlays: [B, C] }],
  [
    'the same address with another port',
    [
      { direct: [B], relayed: [] },
      { direct: [{ ...B, port: 4243 }], relayed: [] },
    ],
    { kind: 'nothing' },
  ],
] as const) {
  t.test(`seen: ${what}`, (t) => {
    t.same(conclude(sightings), verdict)
    t.end()
  })
}

t.test('the block ends on its own and covers both directions', (t) => {
  const rules = blockRules(SIX, 2500)
  t.match(rules, 'add element ip6 flatnet_drill blocked { fd00::12 . 4242 timeout 2500ms }\n')
  t.match(rules, 'add rule ip6 flatnet_drill out ip6 daddr . udp dport @blocked drop\n')
  t.match(rules, 'add rule ip6 flatnet_drill in ip6 saddr . udp sport @blocked drop\n')
  const listing =
    'set blocked {\n type ipv4_addr . inet_service\n flags timeout\n' +
    ' elements = { 192.168.1.12 . 4242 timeout 3s expires 1s832ms }\n}'
  t.same(parseBlocked(listing), [B])
  t.same(parseBlocked('set blocked {\n type ipv4_addr . inet_service\n flags timeout\n}'), [])
  t.end()
})
