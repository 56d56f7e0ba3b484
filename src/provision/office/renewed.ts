// What the ledger says of renewed certificates.

import { parseCertificates } from '../../nebula/certificate/parse.ts'
import { assignmentsOf, standingSignature } from './assign.ts'
import type { LedgerEntry, Signature } from './ledger.ts'

/**
 * Returns the certificates, PEM, that hosts have to fetch: the latest of each host, where an earlier one has
 * the same key. One with a new key came in a bundle. @param now Unix seconds
 */
export function renewedSoFar(entries: readonly LedgerEntry[], now: number): readonly string[] {
  const signatures = entries.filter((entry) => entry.kind === 'sign')
  return assignmentsOf(entries).flatMap(({ name }) => {
    const last = standingSignature(entries, name)
    if (last === undefined || last.notAfter < now) return []
    const key = keyOf(last)
    const isRenewal = signatures.some(
      (each) => each.name === name && each.fingerprint !== last.fingerprint && keyOf(each) === key,
    )
    return isRenewal ? [last.certificate] : []
  })
}

function keyOf({ name, certificate }: Signature): string {
  const [first] = parseCertificates(certificate, `certificate of ${name}`)
  return Buffer.from(first?.publicKey ?? []).toString('hex')
}
