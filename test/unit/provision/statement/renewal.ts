import t from 'tap'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { ownRenewal } from '../../../../src/provision/statement/renewal.ts'
import { forgedPem, type HostFacts, hostPem, keyPair, strangerPem } from '../../../fixtures/certificates.ts'
import { POOL } from '../../../fixtures/office/statements.ts'

const NOW = Date.UTC(2030, 0, 1) / 1000
const { publicKey } = keyPair()
const FIRST = { publicKey, notBefore: NOW - 2000 }
const pem = hostPem(FIRST)
const [certificate] = parseCertificates(pem, 'x')
if (certificate === undefined) throw new Error('no certificate')
const own = { certificate, pem, pool: POOL }
const later = (more: Partial<HostFacts> = {}): string =>
  hostPem({ publicKey, notBefore: NOW - 1000, ...more })
const find = (...pems: readonly string[]) => ownRenewal(pems, own, { now: NOW, blocklist: new Set() })

t.test('the latest certificate for the same key is found', async (t) => {
  const newest = later({ notBefore: NOW - 10 })
  t.match(find(later(), newest, pem), { pem: newest, differences: [] })
})

t.test('what is not a newer one of this host is passed over', async (t) => {
  const passed: Readonly<Record<string, string>> = {
    'the same': pem,
    'an older one': hostPem({ publicKey, notBefore: NOW - 3000 }),
    'another key': hostPem({ notBefore: NOW - 10 }),
    'not valid yet': later({ notBefore: NOW + 10 }),
    expired: later({ notAfter: NOW - 1 }),
    'another CA': strangerPem({ publicKey, notBefore: NOW - 10 }),
    forged: forgedPem({ publicKey, notBefore: NOW - 10 }),
    garbage: '-----BEGIN',
  }
  for (const [says, text] of Object.entries(passed)) t.equal(find(text), undefined, says)
  const [found] = parseCertificates(later(), 'x')
  const blocklist = new Set([found?.fingerprint ?? ''])
  t.equal(ownRenewal([later()], own, { now: NOW, blocklist }), undefined, 'revoked')
})

t.test('one that changes more than its time says what it changes', async (t) => {
  t.match(find(later({ name: 'host-x', subnets: ['10.87.9.0/24'] }))?.differences, [
    'name: host-a becomes host-x',
    'container subnets: 10.87.1.0/24 becomes 10.87.9.0/24',
  ])
  t.match(find(later({ version: 2 }))?.differences, ['versions: 1 becomes 2'])
})
