import { createHash } from 'node:crypto'
import t from 'tap'

import { fingerprintOf, fingerprints } from '../../../../src/nebula/certificate/fingerprint.ts'
import { otherForm } from '../../../../src/nebula/certificate/p256.ts'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { file } from '../fixtures/files.ts'

const sha256 = (...parts: Uint8Array[]): string =>
  createHash('sha256').update(Buffer.concat(parts)).digest('hex')

t.test('version 1 hashes the message, version 2 the signed part and the signature', (t) => {
  const signed = Buffer.from('abc')
  const signature = Buffer.alloc(64, 7)
  t.equal(fingerprintOf(1, signed, signature), sha256(Buffer.from('0a03616263' + '1240', 'hex'), signature))
  t.equal(fingerprintOf(2, signed, signature), sha256(signed, signature))
  t.end()
})

t.test('a P256 certificate has a fingerprint for each form of its signature, a 25519 one has one', (t) => {
  for (const path of ['v1-193-p256/host-a.crt', 'v2-1110-p256/host-a.crt']) {
    const [certificate] = parseCertificates(file(path), path)
    if (certificate === undefined) throw new Error(path)
    const other = otherForm(certificate.signature)
    if (other === undefined) throw new Error(path)
    t.same(fingerprints(certificate), [
      certificate.fingerprint,
      fingerprintOf(certificate.version, certificate.signedBytes, other),
    ])
  }
  const [certificate] = parseCertificates(file('v1-161/host-a.crt'), 'f')
  t.same(certificate && fingerprints(certificate), [certificate?.fingerprint])
  t.end()
})
