import t from 'tap'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { standingSignature } from '../../../../src/provision/office/assign.ts'
import { listHosts } from '../../../../src/provision/office/host-list.ts'
import type { LedgerEntry, Signature } from '../../../../src/provision/office/ledger.ts'
import { lastSequence, revocable, revokedSoFar } from '../../../../src/provision/office/revoked.ts'
import { hostPem } from '../../../fixtures/certificates.ts'
import { HOST_A } from './ledger.ts'

const NOW = Date.UTC(2030, 0, 1) / 1000
const AT = '2030-01-01T00:00:00.000Z'

function signature(notAfter: number): Signature {
  const certificate = hostPem({ notAfter })
  const fingerprint = parseCertificates(certificate, 'x')[0]?.fingerprint ?? ''
  return { kind: 'sign', at: AT, name: 'host-a', fingerprint, notAfter, certificate }
}

t.test('every valid certificate of a name is revoked, and a later one is not', async (t) => {
  const [ended, first, second] = [signature(NOW - 1), signature(NOW + 10), signature(NOW + 20)]
  const before: readonly LedgerEntry[] = [HOST_A, ended, first, second]
  const fingerprints = revocable(before, 'host-a', NOW)
  t.same(fingerprints, [first.fingerprint, second.fingerprint])
  t.same(revocable(before, 'host-b', NOW), [])
  const revoked: readonly LedgerEntry[] = [
    ...before,
    { kind: 'revoke', at: AT, name: 'host-a', fingerprints },
  ]
  t.same(revocable(revoked, 'host-a', NOW), [])
  t.same(
    revokedSoFar(revoked, NOW + 15).map(({ fingerprint }) => fingerprint),
    [second.fingerprint],
    'an ended certificate needs no place in the list',
  )
  t.equal(standingSignature(revoked, 'host-a'), undefined)
  t.equal(listHosts(revoked, NOW)[0]?.state, 'revoked')
  const again = [...revoked, signature(NOW + 90 * 86_400)]
  t.equal(listHosts(again, NOW)[0]?.state, 'valid', 'a new key for the same addresses')
})

t.test('the sequence of the last statement is the highest', async (t) => {
  t.equal(lastSequence([HOST_A]), 0)
  const state = (sequence: number): LedgerEntry => ({ kind: 'state', at: AT, about: 'revocation', sequence })
  t.equal(lastSequence([state(7), state(5)]), 7)
})
