import t from 'tap'

import { caPool } from '../../../../src/nebula/certificate/ca-pool.ts'
import { file, filesEndingIn, refuses } from '../fixtures/files.ts'
import { issue, issueAuthority, signingKey } from '../fixtures/issue.ts'

t.test('every CA made by nebula-cert is accepted under its fingerprint', (t) => {
  const paths = filesEndingIn('.crt').filter((path) => /(^|\/)ca[12]?(-p256)?\.crt$/.test(path))
  t.ok(paths.length >= 12, 'the fixtures are there')
  for (const path of paths) {
    const printed = JSON.parse(file(path.replace('.crt', '.print-1.11.json'))) as { fingerprint: string }[]
    t.same([...caPool(file(path), path).authorities.keys()], [printed[0]?.fingerprint], path)
  }
  t.end()
})

t.test('a bundle of several versions and curves and an expired CA is accepted whole', (t) => {
  const pool = caPool(file('bundle/ca-bundle.crt'), '/etc/nebula/ca.crt')
  t.equal(pool.authorities.size, 4)
  t.equal(pool.source, '/etc/nebula/ca.crt')
  t.same(new Set([...pool.authorities.values()].map(({ version }) => version)), new Set([1, 2]))
  t.equal(
    caPool(file('bundle/ca-bundle.crt').repeat(2), 'f').authorities.size,
    4,
    'repetition changes nothing',
  )
  t.end()
})

t.test('a block that is not a valid CA makes the file invalid', (t) => {
  const stranger = signingKey('CURVE25519', 99)
  const { publicKey } = signingKey('CURVE25519', 1)
  const forged = issue(
    1,
    {
      name: 'forged CA',
      networks: [],
      unsafeNetworks: [],
      groups: [],
      isCa: true,
      notBefore: 0,
      notAfter: 1,
      issuer: '',
      curve: 'CURVE25519',
      publicKey,
    },
    stranger.key,
  )
  const good = issueAuthority(1, 'P256').pem
  refuses(
    t,
    () => caPool(good + forged.pem, '/ca.crt'),
    'CertificateRefused',
    '/ca.crt: the CA "forged CA" did not sign',
  )
  refuses(
    t,
    () => caPool(file('v1-161/host-a.crt'), '/ca.crt'),
    'CertificateRefused',
    '/ca.crt: "host-a" is not a CA',
  )
  refuses(t, () => caPool('', '/ca.crt'), 'DecodeFailure', '/ca.crt')
  refuses(
    t,
    () => caPool(file('bundle/ca-bundle-comments.crt'), '/ca.crt'),
    'DecodeFailure',
    'line 14 is text after',
  )
  t.end()
})
