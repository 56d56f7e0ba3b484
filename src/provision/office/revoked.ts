// What the ledger says of revoked certificates.

import { fingerprints } from '../../nebula/certificate/fingerprint.ts'
import { parseCertificates } from '../../nebula/certificate/parse.ts'
import type { Revoked } from '../statement/statement.ts'
import type { LedgerEntry, Signature } from './ledger.ts'

/**
 * Returns the fingerprints of a name's certificates that are still valid and not revoked yet.
 * @param now Unix seconds
 */
export function revocable(entries: readonly LedgerEntry[], name: string, now: number): readonly string[] {
  const known = revokedFingerprints(entries)
  return signaturesOf(entries)
    .filter((signature) => signature.name === name && signature.notAfter >= now)
    .flatMap(fingerprintsOf)
    .filter((fingerprint) => !known.has(fingerprint))
}

/** Returns every revoked certificate that is still valid, in the order of its signature. */
export function revokedSoFar(entries: readonly LedgerEntry[], now: number): readonly Revoked[] {
  const known = revokedFingerprints(entries)
  return signaturesOf(entries)
    .filter(({ notAfter }) => notAfter >= now)
    .flatMap((signature) =>
      fingerprintsOf(signature)
        .filter((fingerprint) => known.has(fingerprint))
        .map((fingerprint) => ({ name: signature.name, fingerprint, notAfter: signature.notAfter })),
    )
}

/** Returns the highest sequence of a statement so far; 0 if there was none. */
export function lastSequence(entries: readonly LedgerEntry[]): number {
  return Math.max(0, ...entries.flatMap((entry) => (entry.kind === 'state' ? [entry.sequence] : [])))
}

function revokedFingerprints(entries: readonly LedgerEntry[]): ReadonlySet<string> {
  return new Set(entries.flatMap((entry) => (entry.kind === 'revoke' ? entry.fingerprints : [])))
}

function signaturesOf(entries: readonly LedgerEntry[]): readonly Signature[] {
  return entries.filter((entry) => entry.kind === 'sign')
}

// A certificate of P-256 has two: Nebula before 1.10.3 knows it by the one that it was given.
function fingerprintsOf({ name, certificate }: Signature): readonly string[] {
  return parseCertificates(certificate, `certificate of ${name}`).flatMap(fingerprints)
}
