import t from 'tap'

import { formatPrefix } from '../../../../src/addr/prefix.ts'
import { parseSettings, type Settings } from '../../../../src/config/settings.ts'
import { loadAgentIdentity } from '../../../../src/host/identity/agent-identity.ts'
import { file, NOW, refuses } from '../../nebula/fixtures/files.ts'

function settings(cert: string, key = cert, ca = `${cert.split('/')[0] ?? ''}/ca.crt`): Settings {
  const folder = t.testdir({
    'ca.crt': file(ca),
    'host.crt': file(`${cert}.crt`),
    'host.key': file(`${key}.key`),
  })
  const nebula = { ca: `${folder}/ca.crt`, cert: `${folder}/host.crt`, key: `${folder}/host.key` }
  return parseSettings([{ object: { nebula, pool: ['10.87.0.0/16', 'fd87::/48'] }, source: 'test' }])
}

t.test('a host, a lighthouse and a gateway have an identity, with subnets or without', (t) => {
  const cases: readonly (readonly [path: string, name: string, subnets: string[]])[] = [
    ['v1-161/host-a', 'host-a', ['10.87.1.0/24']],
    ['v2-1110/host-b', 'host-b', ['10.87.2.0/24', 'fd87:0:0:2::/64']],
    ['v1-161/lh1', 'lh1', []],
    ['v1-161/gateway', 'gateway', []],
  ]
  for (const [path, name, subnets] of cases) {
    const identity = loadAgentIdentity(settings(path), NOW)
    t.equal(identity.name, name)
    t.same(identity.subnets.map(formatPrefix), subnets, path)
    t.equal(identity.certificate.fingerprint, identity.fingerprint)
    t.equal(identity.pem, file(`${path}.crt`))
    t.equal(identity.keyPem, file(`${path}.key`))
    t.same(identity.fingerprints, [identity.fingerprint])
  }
  t.equal(loadAgentIdentity(settings('v2-1110-p256/host-a'), NOW).fingerprints.length, 2, 'P256 has two')
  const both = loadAgentIdentity(settings('bundle/host-a', 'bundle/host-a', 'bundle/ca-bundle.crt'), NOW)
  t.equal(both.certificate.version, 2, 'version 2 takes precedence')
  t.equal(both.pem, file('bundle/host-a.crt'), 'both are passed on')
  t.end()
})

t.test("another host's key and a blocklisted certificate are refused", (t) => {
  refuses(
    t,
    () => loadAgentIdentity(settings('v1-161/host-a', 'v1-161/host-b'), NOW),
    'CertificateRefused',
    'host.key: is not the key of',
  )
  refuses(
    t,
    () => loadAgentIdentity(settings('v1-161/host-a', 'v1-161/ca'), NOW),
    'CertificateRefused',
    'host.key: is not the key of',
  )
  for (const path of ['v1-161/host-a', 'v2-1110-p256/host-a']) {
    for (const listed of loadAgentIdentity(settings(path), NOW).fingerprints) {
      refuses(
        t,
        () => loadAgentIdentity(settings(path), NOW, new Set([listed])),
        'CertificateRefused',
        'is on the blocklist',
      )
    }
  }
  t.end()
})

t.test('an expired certificate is still the identity of a host; one that is not valid yet is none', (t) => {
  const identity = loadAgentIdentity(settings('v1-161/expired'), NOW)
  t.equal(identity.name, 'expired')
  t.ok(identity.notAfter < NOW)
  refuses(t, () => loadAgentIdentity(settings('v1-161/expired'), 0), 'CertificateRefused', 'NotBefore')
  t.end()
})
