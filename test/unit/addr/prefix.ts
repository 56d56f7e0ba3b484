import t from 'tap'
import { formatIp } from '../../../src/addr/ip.ts'
import {
  addressAt,
  contains,
  covers,
  formatPrefix,
  halvesOf,
  networkOf,
  overlaps,
  parsePrefix,
  sizeOf,
  without,
} from '../../../src/addr/prefix.ts'
import { ip, prefix } from '../../fixtures/addresses.ts'

// text, canonical text, its network, number of addresses
const good: [string, string, string, bigint][] = [
  ['10.87.1.10/24', '10.87.1.10/24', '10.87.1.0/24', 256n],
  ['10.87.1.0/24', '10.87.1.0/24', '10.87.1.0/24', 256n],
  ['10.87.255.255/16', '10.87.255.255/16', '10.87.0.0/16', 65_536n],
  ['10.87.1.10/32', '10.87.1.10/32', '10.87.1.10/32', 1n],
  ['255.255.255.255/0', '255.255.255.255/0', '0.0.0.0/0', 1n << 32n],
  ['192.168.1.130/25', '192.168.1.130/25', '192.168.1.128/25', 128n],
  ['FD87:0:0:1::A/64', 'fd87:0:0:1::a/64', 'fd87:0:0:1::/64', 1n << 64n],
  ['fd87::1/128', 'fd87::1/128', 'fd87::1/128', 1n],
  ['::1/0', '::1/0', '::/0', 1n << 128n],
]
for (const [text, canonical, network, size] of good) {
  t.test(`${text} is in ${network}`, async (t) => {
    t.equal(formatPrefix(prefix(text)), canonical)
    t.equal(formatPrefix(networkOf(prefix(text))), network)
    t.equal(sizeOf(prefix(text)), size)
  })
}

const bad = [
  '', '/', '10.87.1.10', '10.87.1.10/', '/24', '10.87.1.10/33', '10.87.1.10/-1', '10.87.1.10/024',
    '10.87.1.10/+8',
  '10.87.1.10/24/24', '10.87.1.10/24 ', ' 10.87.1.10/24', '10.87.1.10 /24', '10.87.1/24',
    '10.87.1.10/255.255.255.0',
  'fd87::/129', 'fd87::/1000', '10.87.1.10/2.4', '10.87.1.10/24\n', '10.87.1.10/1e1',
] // prettier-ignore
for (const text of bad) {
  t.test(`${JSON.stringify(text)} is not an address with prefix length`, async (t) => {
    t.equal(parsePrefix(text), undefined)
  })
}

// network, address, whether the network contains it
const inside: [string, string, boolean][] = [
  ['10.87.1.0/24', '10.87.1.0', true],
  ['10.87.1.0/24', '10.87.1.255', true],
  ['10.87.1.0/24', '10.87.2.0', false],
  ['10.87.1.0/24', '10.87.0.255', false],
  ['10.87.1.99/24', '10.87.1.1', true],
  ['0.0.0.0/0', '255.255.255.255', true],
  ['10.87.1.1/32', '10.87.1.1', true],
  ['10.87.1.1/32', '10.87.1.2', false],
  ['::/0', '10.87.1.1', false],
  ['0.0.0.0/0', '::1', false],
  ['fd87:0:0:1::/64', 'fd87:0:0:1:ffff::', true],
  ['fd87:0:0:1::/64', 'fd87:0:0:2::', false],
]
for (const [network, address, expected] of inside) {
  t.test(`${address} is ${expected ? '' : 'not '}in ${network}`, async (t) => {
    t.equal(contains(prefix(network), ip(address)), expected)
  })
}

// two networks; whether the first covers the second, whether they overlap
const pairs: [string, string, boolean, boolean][] = [
  ['10.87.0.0/16', '10.87.1.0/24', true, true],
  ['10.87.1.0/24', '10.87.0.0/16', false, true],
  ['10.87.1.0/24', '10.87.1.0/24', true, true],
  ['10.87.1.0/24', '10.87.2.0/24', false, false],
  ['10.86.0.0/16', '10.87.0.0/16', false, false],
  ['0.0.0.0/0', '10.87.0.0/16', true, true],
  ['0.0.0.0/0', '::/0', false, false],
  ['fd87::/48', 'fd87:0:0:1::/64', true, true],
]
for (const [a, b, covering, overlapping] of pairs) {
  t.test(`${a} ${covering ? 'covers' : 'does not cover'} ${b}`, async (t) => {
    t.equal(covers(prefix(a), prefix(b)), covering)
    t.equal(overlaps(prefix(a), prefix(b)), overlapping)
    t.equal(overlaps(prefix(b), prefix(a)), overlapping)
  })
}

t.test('addresses are counted from the first of the network, and none is outside it', async (t) => {
  t.equal(formatIp(addressAt(prefix('10.87.1.77/24'), 10)), '10.87.1.10')
  t.equal(formatIp(addressAt(prefix('fd87::/64'), 65_535)), 'fd87::ffff')
  t.throws(() => addressAt(prefix('10.87.1.0/24'), 256), RangeError)
  t.throws(() => addressAt(prefix('10.87.1.0/24'), -1), RangeError)
})

t.test('a network splits into two halves', async (t) => {
  const halves = (text: string): string[] => halvesOf(prefix(text)).map(formatPrefix)
  t.same(halves('10.87.2.0/24'), ['10.87.2.0/25', '10.87.2.128/25'])
  t.same(halves('10.87.2.200/24'), ['10.87.2.0/25', '10.87.2.128/25'])
  t.same(halves('10.87.2.4/31'), ['10.87.2.4/32', '10.87.2.5/32'])
  t.same(halves('fd87:0:0:2::/64'), ['fd87:0:0:2::/65', 'fd87:0:0:2:8000::/65'])
  t.same(halves('10.87.2.4/32'), [])
})

t.test('networks without others', async (t) => {
  const all = [prefix('10.87.1.0/24'), prefix('10.87.1.0/25'), prefix('fd87::/64')]
  t.same(without(all, [prefix('10.87.1.0/24'), prefix('192.0.2.0/24')]), all.slice(1))
  t.same(without(all, []), all)
})
