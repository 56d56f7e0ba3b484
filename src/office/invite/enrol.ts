// Gives an invited host its certificate, once: the same key gets the same answer again, another key gets
// none.

import { CniCode, CniError } from '../../cni/error.ts'
import { parseCertificates } from '../../nebula/certificate/parse.ts'
import type { KeylessBundle } from '../../provision/enrolment/answer.ts'
import type { Invitation } from '../../provision/enrolment/invitation.ts'
import { type PublicKey, readPublicKey } from '../../provision/enrolment/public-key.ts'
import { assignmentsOf, lastSignature } from '../../provision/office/assign.ts'
import type { Assignment, LedgerEntry, Signature } from '../../provision/office/ledger.ts'
import { endpoint } from '../../provision/office/words.ts'
import type { Office } from '../../state/office/folder.ts'
import { assigned, type HostRequest, known, wouldAssign } from '../assignment.ts'
import { bundleOf } from '../bundle-of.ts'
import { type Signer, signPublicKey } from '../sign.ts'

/** A host that got its certificate. */
export interface EnrolledHost {
  readonly assignment: Assignment
  readonly signature: Signature
}

/**
 * Returns what the host would get, and enters nothing. @param from the address that it calls from, once it
 * does
 * @throws CniError for a name in use, a full pool, or an invitation that another key has used
 */
export function expectedAssignment(
  office: Office,
  { host, ledgerLength }: Invitation,
  from: string | undefined,
): Assignment {
  const { entries } = office.ledger()
  const own = assignedSince(entries, ledgerLength, host.name)
  if (own !== undefined) return own
  return host.isAgain ? known(entries, host.name) : wouldAssign(office, entries, requestOf(host, from))
}

/** Assigns and signs, or finds what was signed for this key before. @throws CniError */
export async function enrol(
  office: Office,
  signer: Signer,
  invitation: Invitation,
  { publicKey: pem, from }: { readonly publicKey: string; readonly from: string },
): Promise<EnrolledHost> {
  const publicKey = readPublicKey(pem, office.plan.curve)
  const { host, ledgerLength } = invitation
  const { entries } = office.ledger()
  const earlier = signedUnder(entries, invitation)
  if (earlier !== undefined) {
    if (!isFor(earlier, publicKey)) throw usedByAnother(earlier)
    return { assignment: known(entries, host.name), signature: earlier }
  }
  refuseUsedKey(entries, publicKey)
  const assignment =
    assignedSince(entries, ledgerLength, host.name) ??
    (host.isAgain ? known(entries, host.name) : await assigned(office, requestOf(host, from)))
  return { assignment, signature: await signPublicKey(office, signer, assignment, publicKey.pem) }
}

/** Returns what was signed under an invitation. */
export function signedUnder(
  entries: readonly LedgerEntry[],
  { host, ledgerLength }: Invitation,
): Signature | undefined {
  return lastSignature(entries.slice(ledgerLength), host.name)
}

/** Returns the host that says it has its certificate. @throws CniError for another certificate */
export function confirmedHost(office: Office, invitation: Invitation, fingerprint: string): EnrolledHost {
  const { entries } = office.ledger()
  const signature = signedUnder(entries, invitation)
  if (signature?.fingerprint === fingerprint)
    return { assignment: known(entries, invitation.host.name), signature }
  throw new CniError(
    CniCode.CertificateRefused,
    'certificate unknown',
    `this invitation did not sign the certificate that ${invitation.host.name} says it has; run ` +
      'the same command again on the host',
  )
}

/** Returns the bundle of an enrolled host, without its key. @throws CniError IoFailure */
export function enrolledBundle(office: Office, { assignment, signature }: EnrolledHost): KeylessBundle {
  const { certificate, fingerprint } = signature
  return { ...bundleOf(office, assignment, office.ledger().entries, fingerprint), certificate }
}

// A process that was killed may have entered it.
function assignedSince(
  entries: readonly LedgerEntry[],
  ledgerLength: number,
  name: string,
): Assignment | undefined {
  return assignmentsOf(entries.slice(ledgerLength)).find((each) => each.name === name)
}

function requestOf(host: Invitation['host'], from: string | undefined): HostRequest {
  if (host.role === 'host' || host.endpoints.length > 0 || from === undefined) return host
  if (/^(?:127\.|::1$)/.test(from))
    throw new CniError(
      CniCode.InvalidConfig,
      'address of the lighthouse unknown',
      `it calls from ${from}, where no other host reaches it; invite it again with --address ADDRESS`,
    )
  return { ...host, endpoints: [endpoint(from)] }
}

function isFor({ certificate, name }: Signature, { bytes }: PublicKey): boolean {
  return parseCertificates(certificate, `ledger: ${name}`).some(({ publicKey }) => bytes.equals(publicKey))
}

function usedByAnother({ name, at }: Signature): CniError {
  return new CniError(
    CniCode.CertificateRefused,
    'code used already',
    `a certificate for ${name} was signed at ${at} for another key: if that was not this host, ` +
      `see who has the code; then invite it again: flatnet-cni host invite ${name} --again`,
  )
}

// Two hosts with one key could read each other's traffic.
function refuseUsedKey(entries: readonly LedgerEntry[], publicKey: PublicKey): void {
  const other = entries.filter((entry) => entry.kind === 'sign').find((entry) => isFor(entry, publicKey))
  if (other === undefined) return
  throw new CniError(
    CniCode.CertificateRefused,
    'key used already',
    `${other.name} has a certificate for the same key: was this machine copied from it? remove ` +
      '/var/lib/flatnet/join on the copy and run the same command again',
  )
}
