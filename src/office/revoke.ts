// Revokes a host: its certificates into the ledger, and a statement for every host.

import { CniCode, CniError } from '../cni/error.ts'
import { assignmentsOf, lastSignature } from '../provision/office/assign.ts'
import { revocable } from '../provision/office/revoked.ts'
import type { Assignment, Revoking } from '../provision/office/ledger.ts'
import type { Office } from '../state/office/folder.ts'
import { unixSeconds } from '../unix-time.ts'
import { type OfficeStatement, openCaKey, stateRevocation } from './state.ts'

/** A host that was revoked. */
export interface RevokedHost extends OfficeStatement {
  readonly assignment: Assignment
  /** Those revoked now; none for a host that was revoked before. */
  readonly fingerprints: readonly string[]
}

/**
 * Revokes every valid certificate of a name. A name without one gets the same statement again, so that a
 * command that was stopped can be repeated.
 * @param passphrase asks for that of the CA's key
 * @throws CniError for an unknown name, and when its certificates have ended anyway
 */
export async function revokeHost(
  office: Office,
  name: string,
  passphrase: () => Promise<string>,
): Promise<RevokedHost> {
  const now = unixSeconds(new Date())
  const { entries } = office.ledger()
  const assignment = assignmentsOf(entries).find((each) => each.name === name)
  if (assignment === undefined)
    throw new CniError(
      CniCode.InvalidConfig,
      'unknown host',
      `${name} was never added to this office; flatnet-cni host list shows those that were`,
    )
  const last = lastSignature(entries, name)
  if (last === undefined || last.notAfter < now)
    throw new CniError(
      CniCode.InvalidConfig,
      'nothing to revoke',
      `${name} has no certificate that is still valid, so no host accepts it`,
    )
  const caKey = await openCaKey(office, passphrase)
  let fingerprints: readonly string[] = revocable(entries, name, now)
  if (fingerprints.length > 0)
    ({ fingerprints } = await office.append((found): Revoking => ({
      kind: 'revoke',
      at: new Date().toISOString(),
      name,
      fingerprints: revocable(found, name, now),
    })))
  return { assignment, fingerprints, ...(await stateRevocation(office, caKey)) }
}
