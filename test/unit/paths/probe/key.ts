import { hkdfSync } from 'node:crypto'
import t from 'tap'

import type { Certificate } from '../../../../src/nebula/certificate/certificate.ts'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { hostKey, sharedSecret } from '../../../../src/nebula/keys/shared-secret.ts'
import { probeKey } from '../../../../src/paths/probe/key.ts'
import { file } from '../../nebula/fixtures/files.ts'

interface Host {
  readonly certificate: Certificate
  readonly pem: string
}

function host(name: string): Host {
  const [certificate] = parseCertificates(file(`${name}.crt`), name)
  if (certificate === undefined) throw new Error(name)
  return { certificate, pem: file(`${name}.key`) }
}

/** Returns the key that `own` derives for its messages with `peer`. */
function keyFor(own: Host, peer: Host): string {
  const secret = sharedSecret(hostKey(own.pem, own.certificate, 'own'), peer.certificate.publicKey)
  if (secret === undefined) throw new Error('no secret')
  return probeKey(secret, own.certificate.fingerprint, peer.certificate.fingerprint).export().toString('hex')
}

t.test('both sides derive the same key, in either certificate version and on either curve', (t) => {
  const pairs = [
    ['v1-161/host-a', 'v1-161/host-b'],
    ['v2-1110/host-a', 'v2-1110/host-b'],
    ['v2-1110/host-a', 'v2-1110/host-v1-under-v2ca'],
    ['v1-193-p256/host-a', 'v2-1110-p256/host-a'],
  ] as const
  const keys = pairs.map(([a, b]) => {
    const key = keyFor(host(a), host(b))
    t.equal(key.length, 64)
    t.equal(keyFor(host(b), host(a)), key, `${a} and ${b}`)
    return key
  })
  t.equal(new Set(keys).size, pairs.length)
  t.end()
})

t.test('a foreign host, and the same host with a new certificate, have other keys', (t) => {
  const a = host('v1-161/host-a')
  const b = host('v1-161/host-b')
  const key = keyFor(a, b)
  // The same name and addresses under another CA.
  const foreign = host('v1-161-otherca/host-a')
  t.not(keyFor(foreign, b), key)
  t.not(keyFor(b, foreign), key)
  const signedAnew = { ...b, certificate: { ...b.certificate, fingerprint: 'ab'.repeat(32) } }
  t.not(keyFor(a, signedAnew), key)
  t.equal(keyFor(a, signedAnew), keyFor(signedAnew, a))
  t.end()
})

t.test('the key is HKDF-SHA256 over both fingerprints, the lower one first', (t) => {
  const secret = Buffer.alloc(32, 7)
  const low = '0a'.repeat(32)
  const high = 'f0'.repeat(32)
  const salt = Buffer.from(low + high, 'hex')
  const expected = Buffer.from(hkdfSync('sha256', secret, salt, 'flatnet probe v1', 32))
  t.same(probeKey(secret, low, high).export(), expected)
  t.same(probeKey(secret, high, low).export(), expected)
  t.equal(expected.toString('hex'), 'e15ceea2af22f240cee6097f16c51071373eb40d9d57a45f7945781954c01723')
  t.end()
})
