import { inspect } from 'node:util'
import t from 'tap'

import type { Certificate } from '../../../../src/nebula/certificate/certificate.ts'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { hostKey, sharedSecret } from '../../../../src/nebula/keys/shared-secret.ts'
import { file, refuses } from '../fixtures/files.ts'

function certificate(path: string): Certificate {
  const [first] = parseCertificates(file(path), path)
  if (first === undefined) throw new Error(path)
  return first
}

function host(name: string): { certificate: Certificate; key: ReturnType<typeof hostKey> } {
  const own = certificate(`${name}.crt`)
  return { certificate: own, key: hostKey(file(`${name}.key`), own, `${name}.key`) }
}

t.test('both ends have the same secret, a third host another', (t) => {
  const triples = [
    ['v1-161/host-a', 'v1-161/host-b', 'v1-161/gateway'],
    ['v2-1110/host-a', 'v2-1110/host-b', 'v1-161/host-a'],
    ['v1-193-p256/host-a', 'v2-1110-p256/host-a', 'v1-193-p256/host-a'],
  ] as const
  for (const [a, b, c] of triples.map((names) => [host(names[0]), host(names[1]), host(names[2])] as const)) {
    const secret = sharedSecret(a.key, b.certificate.publicKey)
    t.equal(secret?.length, 32)
    t.same(sharedSecret(b.key, a.certificate.publicKey), secret)
    t.notSame(sharedSecret(c.key, a.certificate.publicKey), secret)
  }
  t.end()
})

t.test('different curves, or bytes that are not a valid point, give no secret', (t) => {
  const x25519 = host('v1-161/host-a')
  const p256 = host('v1-193-p256/host-a')
  const cases: readonly (readonly [says: string, key: typeof x25519.key, peer: Uint8Array])[] = [
    ['X25519 and P256', x25519.key, p256.certificate.publicKey],
    ['P256 and X25519', p256.key, x25519.certificate.publicKey],
    ['a point of small order', x25519.key, Buffer.alloc(32)],
    ['a point off the curve', p256.key, Buffer.concat([Buffer.of(4), Buffer.alloc(64, 7)])],
    ['a compressed form in 65 bytes', p256.key, Buffer.concat([Buffer.of(2), Buffer.alloc(64, 7)])],
    ['nothing', x25519.key, Buffer.alloc(0)],
    ['one byte too many', x25519.key, Buffer.alloc(33, 9)],
  ]
  for (const [says, key, peer] of cases) t.equal(sharedSecret(key, peer), undefined, says)
  t.end()
})

t.test('a key that does not match the certificate is refused with its file name', (t) => {
  const cases: readonly (readonly [certificate: string, key: string, ...details: string[]])[] = [
    ['v1-161/host-a.crt', 'v1-161/host-b.key', 'the certificate of "host-a"', 'made with this certificate'],
    ['v1-161/host-a.crt', 'v1-193-p256/host-a.key', 'does not belong', 'sign a new pair'],
    ['v1-161/host-a.crt', 'v1-161/ca.key', 'key of a CA', 'use the .key file'],
    ['v1-161/ca.crt', 'v1-161/ca.key', 'key of a CA', 'use the .key file'],
    ['v1-193-p256/host-a.crt', 'v1-193-p256/ca.key', 'key of a CA', 'use the .key file'],
  ]
  for (const [crt, key, ...details] of cases) {
    const run = (): unknown => hostKey(file(key), certificate(crt), '/h.key')
    refuses(t, run, 'CertificateRefused', '/h.key: ', ...details)
  }
  const own = certificate('v1-193-p256/host-a.crt')
  const body = Buffer.alloc(32).toString('base64')
  const zero = `-----BEGIN NEBULA P256 PRIVATE KEY-----\n${body}\n-----END NEBULA P256 PRIVATE KEY-----\n`
  refuses(t, () => hostKey(zero, own, '/h.key'), 'DecodeFailure', '/h.key: ', 'not a P256 key')
  refuses(t, () => hostKey('', own, '/h.key'), 'DecodeFailure', '/h.key', 'no PEM block')
  t.end()
})

t.test('printing a host’s key reveals nothing of it', (t) => {
  const { key } = host('v1-161/host-a')
  const bytes = Buffer.from(file('v1-161/host-a.key').split('\n')[1] ?? '', 'base64')
  const shown = `${inspect(key, { showHidden: true, depth: 9 })}${JSON.stringify(key)}`
  for (const encoding of ['hex', 'base64'] as const) {
    t.notMatch(shown, bytes.toString(encoding).slice(0, 12))
  }
  t.end()
})
