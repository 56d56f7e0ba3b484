import t from 'tap'
import { CERT_ITEMS } from '../../../../src/check/items/cert.ts'
import type { CertificateFile, CertificatesFacts } from '../../../../src/check/facts/certificates.ts'
import { parseSettings } from '../../../../src/config/settings.ts'
import type { Certificate } from '../../../../src/nebula/certificate/certificate.ts'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { CA_PEM, hostPem } from '../../../fixtures/certificates.ts'
import { nebulaVersion, reportOf, type Some } from '../fixtures/broken.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z') / 1000
const DAY = 86_400

function file(path: string, pem: string | undefined): CertificateFile {
  const certificates: readonly Certificate[] = pem === undefined ? [] : parseCertificates(pem, path)
  return { path, isThere: pem !== undefined, problem: undefined, certificates }
}

function facts(ca: string | undefined, host: string, more: Partial<CertificatesFacts> = {}): Some {
  const key = { path: '/e/host.key', isThere: true, problem: undefined, matches: true, mode: 0o600, uid: 0 }
  const certificates = {
    ca: file('/e/ca.crt', ca),
    host: file('/e/host.crt', host),
    key,
    refusal: undefined,
    warnings: [],
    ...more,
  }
  return {
    role: { isBareLighthouse: false, isGateway: false },
    certificates,
    now: NOW,
    settings: parseSettings([]),
    nebula: nebulaVersion('1.11.0'),
  }
}
// Items that need more than the files are not tested here.
const items = CERT_ITEMS.filter(({ needs }) =>
  needs.every((need) => ['certificates', 'now', 'settings', 'nebula', 'role'].includes(need)),
)
const rootsOf = (some: Some): readonly string[] => reportOf(items, some).roots

t.test('faults of the host certificate are reported even without a CA', async (t) => {
  t.same(rootsOf(facts(CA_PEM, hostPem())), [])
  t.same(rootsOf(facts(undefined, hostPem())), ['CERT-001'])
  t.same(rootsOf(facts(undefined, hostPem({ notAfter: NOW - DAY }))), ['CERT-001', 'CERT-005'])
  t.same(rootsOf(facts(undefined, hostPem({ notBefore: NOW + DAY }))), ['CERT-001', 'CERT-006'])
  t.same(rootsOf(facts(undefined, hostPem({ subnets: [] }))), ['CERT-001', 'CERT-010'])
  t.same(rootsOf(facts(undefined, hostPem({ overlay: ['10.87.1.1/16'] }))), ['CERT-001', 'CERT-011'])
  const { certificates } = facts(undefined, hostPem())
  if (certificates === undefined) return
  const other = { ...certificates.key, matches: false }
  t.same(rootsOf(facts(undefined, hostPem(), { key: other })), ['CERT-001', 'CERT-008'])
  const open = { ...other, mode: 0o644 }
  t.same(rootsOf(facts(undefined, hostPem(), { key: open })), ['CERT-001', 'CERT-008', 'CERT-009'])
})

t.test('CERT-010: a lighthouse without containers needs no subnet', async (t) => {
  const bare = {
    ...facts(CA_PEM, hostPem({ subnets: [] })),
    role: { isBareLighthouse: true, isGateway: false },
  }
  t.same(rootsOf(bare), [])
  t.match(
    reportOf(items, bare).items.find(({ id }) => id === 'CERT-010'),
    {
      verdict: 'skip',
      findings: [{ seen: 'a lighthouse without containers' }],
    },
  )
})

t.test('CERT-018: a renewed certificate that waits for consent', async (t) => {
  const alone = CERT_ITEMS.filter(({ id }) => id === 'CERT-018')
  const about = (differences: readonly string[]): unknown =>
    reportOf(alone, { renewal: { differences } }).items[0]
  t.match(about([]), { verdict: 'ok' })
  t.match(about(['groups: a becomes b', 'name: x becomes y']), {
    verdict: 'warn',
    findings: [
      { seen: 'groups: a becomes b; name: x becomes y', next: [/^flatnet-cni host accept$/, /ask/] },
    ],
  })
})

t.test("CERT-017: a certificate that this host's Nebula cannot read", async (t) => {
  const [one = ''] = CA_PEM.split(/(?<=END NEBULA CERTIFICATE-----\n)/)
  const about = (ca: string, host: string, nebula: Some['nebula']): unknown =>
    reportOf(items, { ...facts(ca, host), nebula } as Some).items.find(({ id }) => id === 'CERT-017')
  const [old, none] = [nebulaVersion('1.9.3'), { ...nebulaVersion('1.11.0'), own: undefined }]
  const both = hostPem() + hostPem({ version: 2 })
  const installed = { ...none, installed: { executable: '/usr/bin/nebula', version: '1.9.3' } }
  t.match(about(one, hostPem({ version: 2 }), old), {
    verdict: 'fail',
    findings: [{ subject: 'host certificate', seen: /host\.crt has a certificate of version 2.* 1\.9\.3/ }],
  })
  t.match(about(CA_PEM, hostPem(), old), { verdict: 'fail', findings: [{ subject: 'CA certificate' }] })
  t.match(about(one, hostPem({ version: 2 }), installed), { verdict: 'fail' }, 'Nebula does not start')
  t.match(about(one, both, old), { verdict: 'ok' }, 'Nebula reads only the first one')
  t.match(about(CA_PEM, hostPem({ version: 2 }), nebulaVersion('1.10.2')), { verdict: 'ok' })
  t.match(about(CA_PEM, hostPem({ version: 2 }), none), { verdict: 'skip' })
})
