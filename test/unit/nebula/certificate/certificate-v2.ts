import t from 'tap'

import { formatPrefix, parsePrefix, type Prefix } from '../../../../src/addr/prefix.ts'
import { decodeV2 } from '../../../../src/nebula/certificate/certificate-v2.ts'
import { refuses } from '../fixtures/files.ts'
import { assemble, der, encodeV2, type Facts } from '../fixtures/issue.ts'

const signature = Buffer.alloc(64, 1)
const prefixes = (...texts: string[]): Prefix[] => texts.flatMap((text) => parsePrefix(text) ?? [])
const good: Facts = {
  name: 'host-a',
  networks: prefixes('10.86.1.1/16', 'fd86::1:1/64'),
  unsafeNetworks: prefixes('10.87.1.0/24', 'fd87:0:0:1::/64'),
  groups: ['b', 'a'],
  isCa: false,
  notBefore: 1_800_000_000,
  notAfter: 1_900_000_000,
  issuer: 'ab'.repeat(32),
  curve: 'CURVE25519',
  publicKey: Buffer.alloc(32, 2),
}

function decode(details: Buffer, facts = good): ReturnType<typeof decodeV2> {
  return decodeV2(assemble(2, facts, { details, signedBytes: details, signature }).bytes, 'f')
}

/** Returns the details with one element replaced, or removed if there is no replacement. */
function withField(index: number, ...replacement: Buffer[]): Buffer {
  const parts = [
    der(0x80, [Buffer.from('host-a')]),
    der(0xa1, [der(0x04, [Buffer.from('0a56010110', 'hex')])]),
    der(0xa2, [der(0x04, [Buffer.from('0a57010018', 'hex')])]),
    der(0xa3, [der(0x0c, [Buffer.from('a')])]),
    Buffer.of(),
    der(0x85, [Buffer.from('6b49d200', 'hex')]),
    der(0x86, [Buffer.from('713fb300', 'hex')]),
    der(0x87, [Buffer.alloc(32, 0xab)]),
    Buffer.of(),
  ]
  return der(0xa0, parts.toSpliced(index, 1, ...replacement))
}

t.test('a canonical encoding is read correctly', (t) => {
  const { networks, unsafeNetworks, signedBytes, fingerprint, ...rest } = decode(encodeV2(good))
  t.same(networks.map(formatPrefix), ['10.86.1.1/16', 'fd86::1:1/64'])
  t.same(unsafeNetworks.map(formatPrefix), ['10.87.1.0/24', 'fd87:0:0:1::/64'])
  t.same(signedBytes, Buffer.concat([encodeV2(good), Buffer.of(0), good.publicKey]), 'details, curve, key')
  t.match(fingerprint, /^[0-9a-f]{64}$/)
  const { networks: _networks, unsafeNetworks: _unsafe, ...expected } = good
  t.same(rest, { ...expected, version: 2, signature })
  t.same(decode(withField(8)).groups, ['a'], 'the hand-made one is valid too')
  t.end()
})

t.test("later versions' fields after the known ones are tolerated, because they are signed", (t) => {
  const later = withField(8, der(0x88, [Buffer.from('new')]), der(0xa9, []))
  t.equal(decode(later).name, 'host-a')
  t.same(decode(later).signedBytes.subarray(0, later.length), later)
  t.end()
})

t.test('every departure from the encoding that Nebula writes is refused', (t) => {
  const network = (...hex: string[]): Buffer =>
    der(
      0xa1,
      hex.map((each) => der(0x04, [Buffer.from(each, 'hex')])),
    )
  const unsafe = (...hex: string[]): Buffer =>
    der(
      0xa2,
      hex.map((each) => der(0x04, [Buffer.from(each, 'hex')])),
    )
  const cases: readonly (readonly [details: Buffer, field: string, says: string])[] = [
    [withField(0), 'name', 'no name'],
    [withField(0, der(0x80, [])), 'name', 'an empty name'],
    [withField(0, der(0x80, [Buffer.alloc(254, 65)])), 'name', 'a name of 254 bytes'],
    [withField(0, der(0x80, [Buffer.of(0xff)])), 'name', 'a name that is not UTF-8'],
    [withField(0, der(0x80, [Buffer.of(65)]), der(0x80, [Buffer.of(65)])), 'notBefore', 'two names'],
    [withField(1, der(0xa1, [])), 'networks', 'an empty list'],
    [withField(1, der(0xa1, [Buffer.of(0x04, 0x00)])), 'networks', 'an empty network'],
    [withField(1, der(0xa1, [Buffer.of(0x04, 0x05, 1)])), 'networks', 'a network cut off'],
    [
      withField(1, der(0xa1, [der(0x0c, [Buffer.from('0a56010110', 'hex')])])),
      'networks',
      'a network as a string',
    ],
    [withField(1, network('0a560101')), 'networks', 'no prefix length'],
    [withField(1, network('0a5601011010')), 'networks', 'a byte too many'],
    [withField(1, network('0a56010121')), 'networks', 'a prefix length of 33'],
    [withField(1, network(`fd${'00'.repeat(15)}81`)), 'networks', 'a prefix length of 129'],
    [withField(1, network('0a56020110', '0a56010110')), 'networks', 'unsorted networks'],
    [withField(1, network('0a56010110', '0a56010110')), 'networks', 'a network twice'],
    [withField(1, network('0a56010118', '0a56010110')), 'networks', 'the longer prefix first'],
    [withField(1, network(`fd${'00'.repeat(15)}40`, '0a56010110')), 'networks', 'IPv6 before IPv4'],
    [withField(2, unsafe('0a57020018', '0a57010018')), 'unsafeNetworks', 'unsorted unsafe networks'],
    [withField(2, withField(1)), 'notBefore', 'something else in their place'],
    [withField(3, der(0xa3, [])), 'groups', 'an empty list of groups'],
    [withField(3, der(0xa3, [der(0x0c, [])])), 'groups', 'an empty group'],
    [withField(3, der(0xa3, [der(0x0c, [Buffer.of(0xff)])])), 'groups', 'a group that is not UTF-8'],
    [withField(4, der(0x84, [Buffer.of(0x00)])), 'isCA', 'an explicit false'],
    [withField(4, der(0x84, [Buffer.of(0x01)])), 'isCA', 'a true that is not 0xff'],
    [withField(4, der(0x84, [Buffer.of(0xff, 0xff)])), 'isCA', 'two bytes of truth'],
    [withField(5), 'notBefore', 'no notBefore'],
    [withField(5, der(0x85, [])), 'notBefore', 'an empty time'],
    [withField(5, der(0x85, [Buffer.of(0, 1)])), 'notBefore', 'a time with a leading zero'],
    [withField(5, der(0x85, [Buffer.alloc(8, 0x7f)])), 'notBefore', 'a time after all times'],
    [withField(6), 'notAfter', 'no notAfter'],
    [withField(7, der(0x87, [Buffer.alloc(31)])), 'issuer', 'an issuer of 31 bytes'],
    [withField(7, der(0x87, [])), 'issuer', 'an empty issuer'],
    [withField(8, der(0x84, [Buffer.of(0xff)])), 'details', 'isCA behind the issuer'],
    [withField(8, der(0x87, [Buffer.alloc(32)])), 'details', 'a second issuer'],
    [withField(8, der(0xa7, [])), 'details', 'a known number in another form'],
    [withField(8, Buffer.of(0x88)), 'details', 'a later field cut off'],
    [withField(8, Buffer.of(0x88, 0x81, 0x01, 0x00)), 'details', 'a later field not in DER'],
    [der(0xa0, []), 'name', 'empty details'],
  ]
  for (const [details, field, says] of cases) {
    t.comment(says)
    refuses(t, () => decode(details), 'DecodeFailure', `f: ${field}: `)
  }
  t.end()
})

t.test('the container has one encoding', (t) => {
  const details = encodeV2(good)
  const key = der(0x82, [good.publicKey])
  const signed = der(0x83, [signature])
  const whole = der(0x30, [details, key, signed])
  t.equal(decodeV2(whole, 'f').name, 'host-a')
  const cases: readonly (readonly [bytes: Buffer, says: string])[] = [
    [Buffer.of(), 'nothing'],
    [Buffer.concat([whole, Buffer.of(0)]), 'a rest of one byte'],
    [Buffer.concat([whole, whole]), 'two certificates'],
    [whole.subarray(0, -1), 'a byte too few'],
    [der(0x31, [details, key, signed]), 'a set'],
    [der(0x30, []), 'an empty sequence'],
    [der(0x30, [key, details, signed]), 'the wrong order'],
    [der(0x30, [details, signed]), 'no public key, as in a handshake'],
    [der(0x30, [details, key]), 'no signature'],
    [der(0x30, [details, key, signed, der(0x84, [])]), 'something behind the signature'],
    [der(0x30, [details, der(0x81, [Buffer.of(0)]), key, signed]), 'the default curve written out'],
    [der(0x30, [details, der(0x81, [Buffer.of(2)]), key, signed]), 'a third curve'],
    [der(0x30, [details, der(0x81, []), key, signed]), 'an empty curve'],
    [der(0x30, [details, der(0x81, [Buffer.of(1, 1)]), key, signed]), 'two bytes of curve'],
    [der(0x30, [details, der(0x82, []), signed]), 'an empty key'],
    [der(0x30, [details, key, der(0x83, [])]), 'an empty signature'],
  ]
  for (const [bytes, says] of cases) {
    t.comment(says)
    refuses(t, () => decodeV2(bytes, 'f'), 'DecodeFailure', 'f: ')
  }
  t.end()
})

t.test('networks that Nebula refuses are refused by name', (t) => {
  const cases: readonly (readonly [facts: Partial<Facts>, detail: string])[] = [
    [{ networks: [], unsafeNetworks: [] }, 'needs an overlay address'],
    [{ networks: prefixes('10.86.1.1/16') }, 'fd87:0:0:1::/64 needs an IPv6 overlay address'],
    [{ networks: prefixes('fd86::1/64') }, '10.87.1.0/24 needs an IPv4 overlay address'],
    [{ networks: prefixes('0.0.0.0/0', 'fd86::1/64') }, '0.0.0.0/0 is not the address of a host'],
    [{ networks: prefixes('10.86.1.1/16', '::/64') }, '::/64 is not the address of a host'],
    [{ networks: prefixes('10.86.1.1/16', '::ffff:10.0.0.1/120') }, 'written as IPv6'],
    [{ unsafeNetworks: prefixes('::ffff:10.0.0.0/120') }, 'written as IPv6'],
  ]
  for (const [facts, detail] of cases) {
    refuses(t, () => decode(encodeV2({ ...good, ...facts })), 'CertificateRefused', 'f: ', detail)
  }
  const authority = { ...good, isCa: true, networks: prefixes('10.86.0.0/16') }
  t.equal(decode(encodeV2(authority), authority).isCa, true, 'a CA may allow what it has no address for')
  t.end()
})
