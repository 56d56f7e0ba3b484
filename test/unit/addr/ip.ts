import fc from 'fast-check'
import t from 'tap'
import { bitsOf, formatIp, ipFromBytes, parseIp } from '../../../src/addr/ip.ts'

// text, canonical text
const good: [string, string][] = [
  ['0.0.0.0', '0.0.0.0'],
  ['10.87.1.10', '10.87.1.10'],
  ['255.255.255.255', '255.255.255.255'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['FD87::A', 'fd87::a'],
  ['fd87:0000:0000:0001:0000:0000:0000:000a', 'fd87:0:0:1::a'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['64:ff9b::10.87.1.10', '64:ff9b::a57:10a'],
]
for (const [text, canonical] of good) {
  t.test(`${text} is read, and written as ${canonical}`, async (t) => {
    const parsed = parseIp(text)
    t.ok(parsed)
    if (parsed === undefined) return
    t.equal(formatIp(parsed), canonical)
    t.equal(parsed.family, text.includes(':') ? 6 : 4)
  })
}

const bad = [
  '', ' ', '10.87.1', '10.87.1.256', '10.87.1.10.1', '010.87.1.10', '10.87.1.010', '10.87.1.10 ',
    ' 10.87.1.10',
  '10.87.1.10/24', '10.87.1.-1', '10.87.1.0x1', '1', '4294967295', '10..1.10', '10.87.1.10\n', '[::1]',
    'fe80::1%eth0',
  'fd87::/64', ':::', '1::2::3', 'fd87:1', '1:2:3:4:5:6:7:8:9', '12345::', 'g::', '::10.87.1.256',
    '::10.87.1',
  '1:2:3:4:5:6:7:10.87.1.10', ':1:2:3:4:5:6:7', '1:2:3:4:5:6:7:', '１.1.1.1', '::1\n', '::010.87.1.10',
    'localhost',
] // prettier-ignore
for (const text of bad) {
  t.test(`${JSON.stringify(text)} is not an address`, async (t) => {
    t.equal(parseIp(text), undefined)
  })
}

t.test('every address can be written and read back', async (t) => {
  const families = [4, 6] as const
  for (const family of families) {
    const value = fc.bigInt({ min: 0n, max: (1n << BigInt(bitsOf(family))) - 1n })
    fc.assert(fc.property(value, (value) => {
      t.same(parseIp(formatIp({ family, value })), { family, value })
    }), { numRuns: 200 }) // prettier-ignore
  }
})

t.test('4 or 16 bytes in network order make an address', async (t) => {
  t.equal(formatIp(ipFromBytes(Uint8Array.of(10, 87, 1, 10))), '10.87.1.10')
  t.equal(formatIp(ipFromBytes(new Uint8Array(16).fill(0xff))), 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')
  t.throws(() => ipFromBytes(new Uint8Array(5)), TypeError)
  t.throws(() => ipFromBytes(new Uint8Array(0)), TypeError)
})
