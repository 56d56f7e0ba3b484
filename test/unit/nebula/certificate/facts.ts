import t from 'tap'

import { completeCertificate, decodeText, decodeTime } from '../../../../src/nebula/certificate/facts.ts'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { file, refuses } from '../fixtures/files.ts'
import { hostPublicKey } from '../fixtures/issue.ts'

t.test('keys and signatures of the wrong size for their curve are refused', (t) => {
  const [x25519] = parseCertificates(file('v2-1110/host-a.crt'), 'f')
  const [p256] = parseCertificates(file('v2-1110-p256/host-a.crt'), 'f')
  if (x25519 === undefined || p256 === undefined) throw new Error('the fixtures are empty')
  const compressed = Buffer.from(p256.publicKey)
  compressed[0] = 2
  const cases = [
    { decoded: { ...x25519, publicKey: Buffer.alloc(31) }, field: 'PublicKey' },
    { decoded: { ...x25519, publicKey: Buffer.alloc(33) }, field: 'PublicKey' },
    { decoded: { ...x25519, publicKey: hostPublicKey('P256') }, field: 'PublicKey' },
    { decoded: { ...p256, publicKey: hostPublicKey('CURVE25519') }, field: 'PublicKey' },
    { decoded: { ...p256, publicKey: compressed }, field: 'PublicKey' },
    { decoded: { ...x25519, signature: Buffer.alloc(63) }, field: 'Signature' },
    { decoded: { ...x25519, signature: Buffer.alloc(65) }, field: 'Signature' },
    { decoded: { ...x25519, signature: p256.signature }, field: 'Signature' },
    { decoded: { ...p256, signature: x25519.signature }, field: 'Signature' },
    { decoded: { ...p256, signature: Buffer.of() }, field: 'Signature' },
  ]
  for (const { decoded, field } of cases) {
    refuses(t, () => completeCertificate(decoded, '/x.crt'), 'DecodeFailure', `/x.crt: ${field}: `)
  }
  t.same(completeCertificate(x25519, 'f'), x25519, 'a valid one is unchanged')
  t.end()
})

t.test('text keeps what a decoder might drop', (t) => {
  for (const text of ['', 'ünï', '\uFEFFa', 'a\0b', '\uFFFD', '😀']) {
    t.equal(decodeText(Buffer.from(text), 'Name', 'f'), text)
  }
  for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
    refuses(t, () => decodeText(Buffer.from(bytes), 'Name', 'f'), 'DecodeFailure', 'f: Name: is not UTF-8')
  }
  t.end()
})

t.test('times are seconds within the range of a date', (t) => {
  for (const seconds of [0n, -1n, 8_640_000_000_000n, -8_640_000_000_000n]) {
    t.equal(decodeTime(seconds, 'NotAfter', 'f'), Number(seconds))
  }
  for (const seconds of [8_640_000_000_001n, -8_640_000_000_001n, 1n << 63n]) {
    refuses(t, () => decodeTime(seconds, 'NotAfter', 'f'), 'DecodeFailure', 'f: NotAfter', String(seconds))
  }
  t.end()
})
