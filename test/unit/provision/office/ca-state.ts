import t from 'tap'
import { progressOf } from '../../../../src/provision/office/ca-state.ts'
import { trustedAuthorities } from '../../../../src/provision/office/ca-steps.ts'
import type { CaStep, CaStepKind, LedgerEntry } from '../../../../src/provision/office/ledger.ts'
import type { HostAuthorities } from '../../../../src/views/authorities.ts'
import { hostPem } from '../../../fixtures/certificates.ts'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { HOST_A } from './ledger.ts'

const PEM = hostPem()
const [CERTIFICATE] = parseCertificates(PEM, 'x')
const ISSUER = CERTIFICATE?.issuer ?? ''
const [NEW, OLD] = ['cd'.repeat(32), 'ab'.repeat(32)]
const AT = '2030-03-17T17:46:40.000Z'

const step = (kind: CaStepKind): CaStep => ({
  kind: 'ca',
  at: AT,
  step: kind,
  fingerprint: NEW,
  earlier: OLD,
})

const ENTRIES: readonly LedgerEntry[] = [
  HOST_A,
  {
    kind: 'sign',
    at: AT,
    name: 'host-a',
    fingerprint: CERTIFICATE?.fingerprint ?? '',
    notAfter: 3e9,
    certificate: PEM,
  },
]

function says(more: Partial<HostAuthorities>): readonly HostAuthorities[] {
  const certificate = CERTIFICATE?.fingerprint ?? null
  return [
    {
      name: 'host-a',
      overlay: '10.86.1.1',
      silent: null,
      trusts: [OLD],
      certificate,
      signedBy: null,
      ...more,
    },
  ]
}

const has = (of: CaStep, said: readonly HostAuthorities[]) => progressOf(ENTRIES, of, said)[0]?.has

t.test('each step asks another thing of the hosts', async (t) => {
  t.equal(has(step('introduce'), says({})), 'no')
  t.equal(has(step('introduce'), says({ trusts: [OLD, NEW] })), 'yes')
  t.equal(has(step('sign'), says({})), 'no', 'the ledger knows who signed what it uses')
  t.equal(has({ ...step('sign'), fingerprint: ISSUER }, says({})), 'yes')
  t.equal(has(step('sign'), says({ certificate: 'ff', signedBy: NEW })), 'yes', 'or the asking host does')
  t.equal(has(step('retire'), says({ trusts: [OLD, NEW] })), 'no')
  t.equal(has(step('retire'), says({ trusts: [NEW] })), 'yes')
})

t.test('a host that says nothing is not counted as one that has it', async (t) => {
  for (const kind of ['introduce', 'sign', 'retire'] as const) {
    t.equal(has(step(kind), []), '?')
    t.equal(has(step(kind), says({ silent: 'no answer', trusts: [], certificate: null })), '?')
  }
  const revoked: LedgerEntry = {
    kind: 'revoke',
    at: AT,
    name: 'host-a',
    fingerprints: [CERTIFICATE?.fingerprint ?? ''],
  }
  t.same(progressOf([...ENTRIES, revoked], step('introduce'), []), [], 'a revoked host takes no part')
})

t.test('bundles trust what hosts are to trust, the CA that signs first', async (t) => {
  t.same(trustedAuthorities([]), [undefined])
  t.same(trustedAuthorities([step('introduce')]), [OLD, NEW])
  t.same(trustedAuthorities([step('introduce'), step('sign')]), [NEW, OLD])
  t.same(trustedAuthorities([step('introduce'), step('sign'), step('retire')]), [NEW])
})
