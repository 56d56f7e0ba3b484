import t from 'tap'

import { keyMatches } from '../../../../src/nebula/keys/keypair.ts'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { file, filesEndingIn, refuses } from '../fixtures/files.ts'

function matches(certificatePath: string, keyPath: string): boolean {
  const [certificate] = parseCertificates(file(certificatePath), certificatePath)
  if (certificate === undefined) throw new Error(certificatePath)
  return keyMatches(certificate, file(keyPath), keyPath)
}

t.test('every key that nebula-cert made belongs to its certificate', (t) => {
  const pairs = filesEndingIn('.key')
    .filter((path) => !/^encrypted-ca\/ca|^negative|inpub/.test(path))
    .map((path) => [path.replace('.key', '.crt'), path] as const)
  t.ok(pairs.length >= 25, 'the fixtures are there')
  pairs.push(
    ['v1-161/host-inpub.crt', 'v1-161/inpub.key'],
    ['negative/good-handmade.crt', 'negative/negative.key'],
  )
  pairs.push(['bundle/host-a.v2.crt', 'bundle/host-a.key'])
  for (const [certificate, key] of pairs) t.equal(matches(certificate, key), true, key)
  t.end()
})

t.test('another host, another curve and a key for another purpose do not match', (t) => {
  const cases: readonly (readonly [certificate: string, key: string])[] = [
    ['v1-161/host-a.crt', 'v1-161/host-b.key'],
    ['v1-161/ca.crt', 'v1-161-otherca/ca.key'],
    ['v1-193-p256/host-a.crt', 'v2-1110-p256/host-a.key'],
    ['v1-193-p256/ca.crt', 'v2-1110-p256/ca.key'],
    ['v1-193-p256/host-a.crt', 'v1-161/host-a.key'],
    ['v1-161/host-a.crt', 'v1-193-p256/host-a.key'],
    ['v1-161/host-a.crt', 'v1-161/ca.key'],
    ['v1-161/ca.crt', 'v1-161/host-a.key'],
    ['v1-193-p256/host-a.crt', 'v1-193-p256/ca.key'],
  ]
  for (const [certificate, key] of cases)
    t.equal(matches(certificate, key), false, `${certificate} and ${key}`)
  t.end()
})

t.test('a file without a usable private key is refused with a remedy', (t) => {
  const [x25519] = parseCertificates(file('v1-161/host-a.crt'), 'f')
  const [p256] = parseCertificates(file('v1-193-p256/host-a.crt'), 'f')
  if (x25519 === undefined || p256 === undefined) throw new Error('the fixtures are empty')
  const pem = (banner: string, bytes: Buffer): string =>
    `-----BEGIN ${banner}-----\n${bytes.toString('base64')}\n-----END ${banner}-----\n`
  const cases: readonly (readonly [
    says: string,
    certificate: typeof x25519,
    key: string,
    ...details: string[],
  ])[] = [
    ['a certificate', x25519, file('v1-161/host-a.crt'), '"NEBULA CERTIFICATE"', 'use the .key file'],
    ['a public key', x25519, file('v1-161/inpub.pub'), 'PUBLIC KEY', 'use the .key file'],
    ['an encrypted CA key', x25519, file('encrypted-ca/ca.key'), 'never encrypted'],
    ['an OpenSSH key', x25519, pem('OPENSSH PRIVATE KEY', Buffer.alloc(32)), 'OPENSSH', 'use the .key file'],
    ['31 bytes', x25519, pem('NEBULA X25519 PRIVATE KEY', Buffer.alloc(31)), '31 bytes, not 32'],
    [
      'a CA key without its public half',
      x25519,
      pem('NEBULA ED25519 PRIVATE KEY', Buffer.alloc(32)),
      'not 64',
    ],
    ['the number 0', p256, pem('NEBULA P256 PRIVATE KEY', Buffer.alloc(32)), 'not a P256 key'],
    [
      'a number beyond the order',
      p256,
      pem('NEBULA P256 PRIVATE KEY', Buffer.alloc(32, 0xff)),
      'not a P256 key',
    ],
    ['a byte order mark', x25519, `\uFEFF${file('v1-161/host-a.key')}`, 'byte order mark'],
    ['nothing', x25519, '', 'no PEM block'],
    ['a name that every object has', x25519, pem('constructor', Buffer.alloc(32)), 'use the .key file'],
  ]
  for (const [says, certificate, key, ...details] of cases) {
    t.comment(says)
    refuses(t, () => keyMatches(certificate, key, '/h.key'), 'DecodeFailure', '/h.key: ', ...details)
  }
  t.end()
})

t.test('errors never show a byte of the key', (t) => {
  const body = file('v1-161/host-a.key').split('\n')[1] ?? ''
  const [certificate] = parseCertificates(file('v1-161/host-a.crt'), 'f')
  const broken = [
    `-----BEGIN NEBULA X25519 PRIVATE KEY-----\n${body}\n`,
    `${body}\n`,
    `-----BEGIN NEBULA X25519 PRIVATE KEY-----\n${body}%\n-----END NEBULA X25519 PRIVATE KEY-----\n`,
    `${file('v1-161/host-a.key')}${body}\n`,
  ]
  for (const text of broken) {
    try {
      if (certificate) keyMatches(certificate, text, '/h.key')
      t.fail('accepted')
    } catch (error) {
      t.notMatch(JSON.stringify([String(error), error]), body.slice(0, 12))
    }
  }
  t.end()
})
