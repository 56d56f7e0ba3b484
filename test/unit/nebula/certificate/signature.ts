import t from 'tap'

import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { isSignedBy } from '../../../../src/nebula/certificate/signature.ts'
import { file } from '../fixtures/files.ts'

const [host, ca, p256, p256Ca] = [
  'v1-161/host-a.crt',
  'v1-161/ca.crt',
  'v2-1110-p256/host-a.crt',
  'v2-1110-p256/ca.crt',
].flatMap((path) => parseCertificates(file(path), path))
if (!host || !ca || !p256 || !p256Ca) throw new Error('the fixtures are empty')

t.test('a signature verifies with the key that made it and no other', (t) => {
  const flip = (bytes: Uint8Array, at: number): Buffer =>
    Buffer.from(bytes).fill((bytes[at] ?? 0) ^ 1, at, at + 1)
  const cases = [
    { says: 'Ed25519', certificate: host, authority: ca, is: true },
    { says: 'P256', certificate: p256, authority: p256Ca, is: true },
    { says: 'an Ed25519 CA signs itself', certificate: ca, authority: ca, is: true },
    { says: 'a P256 CA signs itself', certificate: p256Ca, authority: p256Ca, is: true },
    { says: 'another curve', certificate: host, authority: p256Ca, is: false },
    {
      says: 'changed bytes',
      certificate: { ...host, signedBytes: flip(host.signedBytes, 5) },
      authority: ca,
      is: false,
    },
    {
      says: 'a changed signature',
      certificate: { ...host, signature: flip(host.signature, 5) },
      authority: ca,
      is: false,
    },
    { says: 'another key', certificate: host, authority: { ...ca, publicKey: host.publicKey }, is: false },
    {
      says: 'a point off the curve',
      certificate: p256,
      authority: { ...p256Ca, publicKey: flip(p256Ca.publicKey, 9) },
      is: false,
    },
    { says: 'a key of no size', certificate: host, authority: { ...ca, publicKey: Buffer.of() }, is: false },
  ]
  for (const { says, certificate, authority, is } of cases)
    t.equal(isSignedBy(certificate, authority), is, says)
  t.end()
})
