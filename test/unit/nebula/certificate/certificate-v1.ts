import t from 'tap'

import { formatPrefix } from '../../../../src/addr/prefix.ts'
import { decodeV1 } from '../../../../src/nebula/certificate/certificate-v1.ts'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { file, refuses } from '../fixtures/files.ts'
import { assemble, chunk, encodeV1, type Facts, issueAuthority, varint } from '../fixtures/issue.ts'

const signature = Buffer.alloc(64, 1)
const good: Facts = {
  name: 'host-a',
  networks: [{ family: 4, value: 0x0a560101n, length: 16 }],
  unsafeNetworks: [{ family: 4, value: 0x0a570100n, length: 24 }],
  groups: ['a', 'b'],
  isCa: false,
  notBefore: 1_800_000_000,
  notAfter: 1_900_000_000,
  issuer: 'ab'.repeat(32),
  curve: 'CURVE25519',
  publicKey: Buffer.alloc(32, 2),
}

function decode(details: Buffer): ReturnType<typeof decodeV1> {
  return decodeV1(assemble(1, good, { details, signedBytes: details, signature }).bytes, 'f')
}

t.test('a canonical encoding is read correctly', (t) => {
  const { networks, unsafeNetworks, signedBytes, fingerprint, ...rest } = decode(encodeV1(good))
  t.same(networks.map(formatPrefix), ['10.86.1.1/16'])
  t.same(unsafeNetworks.map(formatPrefix), ['10.87.1.0/24'])
  t.same(signedBytes, encodeV1(good))
  t.match(fingerprint, /^[0-9a-f]{64}$/)
  const { networks: _networks, unsafeNetworks: _unsafe, ...expected } = good
  t.same(rest, { ...expected, version: 1, signature })
  t.end()
})

t.test('extreme masks, times and groups are read', (t) => {
  const facts: Facts = {
    ...good,
    name: '',
    unsafeNetworks: [0, 1, 31, 32].map((length) => ({ family: 4, value: 0xffffffffn, length })),
    groups: ['', 'ünï', ''],
    notBefore: -62_135_596_800,
    notAfter: 0,
    issuer: '',
  }
  const seen = decode(encodeV1(facts))
  t.same(seen.unsafeNetworks.map(formatPrefix), [
    '255.255.255.255/0',
    '255.255.255.255/1',
    '255.255.255.255/31',
    '255.255.255.255/32',
  ])
  t.match(seen, { name: '', groups: ['', 'ünï', ''], notBefore: -62_135_596_800, notAfter: 0, issuer: '' })
  t.end()
})

t.test('hostile and odd certificates made by hand are refused with field and reason', (t) => {
  const cases: readonly (readonly [name: string, ...details: string[]])[] = [
    ['bad-utf8-name', 'Name: is not UTF-8'],
    ['dup-name-last-wins', 'Details: is not in the canonical encoding'],
    ['empty-name', 'Details: is not in the canonical encoding'],
    ['noncontiguous-mask', 'Subnets: the mask 255.0.255.0 has a gap'],
    ['nonminimal-varint', 'Details: is not in the canonical encoding'],
    ['odd-subnets', 'Subnets: is not a list of address and mask pairs'],
    ['short-pubkey', 'PublicKey: a CURVE25519 key has 32 bytes, this one 31'],
    ['trailing-garbage', 'protobuf encoding is damaged'],
    ['unknown-field-in-details', 'Details: unknown field 50'],
    ['unknown-outer-field', 'something other than Details and Signature'],
    ['unpacked-subnets', 'Details: is not in the canonical encoding'],
  ]
  for (const [name, ...details] of cases) {
    const path = `negative/${name}.crt`
    refuses(t, () => parseCertificates(file(path), path), 'DecodeFailure', `${path}: `, ...details)
  }
  refuses(
    t,
    () => parseCertificates(file('negative/no-ips.crt'), 'f'),
    'CertificateRefused',
    'overlay address',
  )
  t.end()
})

t.test('every departure from the canonical encoding is refused', (t) => {
  const name = chunk(1, Buffer.from('host-a'))
  const rest = encodeV1({ ...good, name: '' })
  const time = (number: number, value: bigint): Buffer =>
    Buffer.concat([varint(BigInt(number * 8)), varint(value)])
  const list = (...values: bigint[]): Buffer => Buffer.concat(values.map(varint))
  const cases: readonly (readonly [says: string, details: Buffer])[] = [
    ['fields out of order', Buffer.concat([rest, name])],
    ['a repeated field', Buffer.concat([name, name, rest])],
    ['an explicit zero', Buffer.concat([encodeV1(good), time(100, 0n)])],
    ['an explicit false', Buffer.concat([encodeV1({ ...good, issuer: '' }), time(8, 0n)])],
    ['a true that is not 1', Buffer.concat([encodeV1({ ...good, issuer: '' }), time(8, 2n)])],
    ['a curve of neither kind', Buffer.concat([encodeV1(good), time(100, 2n)])],
    ['a curve beyond all numbers', Buffer.concat([encodeV1(good), time(100, 0xffffffffffffffffn)])],
    ['an empty packed list', Buffer.concat([name, chunk(2, Buffer.of()), rest])],
    ['a string in place of a number', Buffer.concat([encodeV1(good), chunk(100, Buffer.of(1))])],
    ['a number in place of a string', Buffer.concat([time(1, 1n), rest])],
    ['a number in place of a group', Buffer.concat([encodeV1(good), time(4, 1n)])],
    ['an address of 33 bits', Buffer.concat([name, chunk(2, list(1n << 32n, 0xffffffffn))])],
    ['a mask of 33 bits', Buffer.concat([name, chunk(2, list(1n, 0x1ffffffffn))])],
    ['a packed list cut off', Buffer.concat([name, chunk(2, Buffer.of(0x80))])],
    ['an issuer of 31 bytes', encodeV1({ ...good, issuer: 'ab'.repeat(31) })],
    ['a time after all times', encodeV1({ ...good, notAfter: 8.64e12 + 1 })],
    ['a time before all times', encodeV1({ ...good, notBefore: -8.64e12 - 1 })],
    ['no details', Buffer.of()],
  ]
  for (const [says, details] of cases) {
    t.comment(says)
    refuses(t, () => decode(details), 'DecodeFailure', 'f: ')
  }
  t.end()
})

t.test('a certificate has only details and signature', (t) => {
  const details = chunk(1, encodeV1(good))
  const signed = chunk(2, signature)
  const cases: readonly (readonly [says: string, bytes: Buffer])[] = [
    ['nothing', Buffer.of()],
    ['details only', details],
    ['signature only', signed],
    ['the wrong order', Buffer.concat([signed, details])],
    ['two signatures', Buffer.concat([details, signed, signed])],
    ['a number as signature', Buffer.concat([details, Buffer.of(0x10, 0x01)])],
    ['a number as details', Buffer.concat([Buffer.of(0x08, 0x01), signed])],
    ['a long varint outside', Buffer.concat([Buffer.of(0x8a, 0x00), details.subarray(1), signed])],
  ]
  for (const [says, bytes] of cases) {
    t.comment(says)
    refuses(t, () => decodeV1(bytes, 'f'), 'DecodeFailure', 'f: ')
  }
  t.end()
})

t.test('a host has one overlay address, a CA may list several networks', (t) => {
  const networks = [...good.networks, ...good.unsafeNetworks]
  refuses(t, () => decode(encodeV1({ ...good, networks })), 'CertificateRefused', 'one overlay address')
  const [authority] = parseCertificates(issueAuthority(1, 'CURVE25519', { networks }).pem, 'ca')
  t.same(authority?.networks.map(formatPrefix), ['10.86.1.1/16', '10.87.1.0/24'])
  t.end()
})
