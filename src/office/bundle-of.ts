// Gathers a host's bundle from the office.

import { formatPrefix } from '../addr/prefix.ts'
import type { HostBundle } from '../provision/bundle/contents.ts'
import { assignmentsOf, standingSignature } from '../provision/office/assign.ts'
import type { Assignment, LedgerEntry } from '../provision/office/ledger.ts'
import type { Office } from '../state/office/folder.ts'
import { lighthousesOf } from './assignment.ts'

/**
 * Returns the bundle without certificate and key. @param entries the ledger
 * @param fingerprint of the certificate; one that is not in the ledger stands for the next line
 * @throws CniError IoFailure
 */
export function bundleOf(
  { plan, trusted }: Office,
  assignment: Assignment,
  entries: readonly LedgerEntry[],
  fingerprint: string,
): Omit<HostBundle, 'certificate' | 'key'> {
  const others = assignmentsOf(entries).filter(
    ({ name, subnets }) => name !== assignment.name && subnets.length > 0,
  )
  const line = entries.findIndex((entry) => entry.kind === 'sign' && entry.fingerprint === fingerprint)
  return {
    serial: (line === -1 ? entries.length : line) + 1,
    office: plan.office,
    name: assignment.name,
    role: assignment.role,
    groups: assignment.groups,
    overlays: plan.families.map(({ overlay }) => formatPrefix(overlay)),
    pools: plan.families.map(({ pool }) => formatPrefix(pool)),
    lighthouses: lighthousesOf(entries),
    ca: trusted(),
    peers: Object.fromEntries(
      others.flatMap(({ name }) => {
        const last = standingSignature(entries, name)
        return last === undefined ? [] : [[name, last.certificate]]
      }),
    ),
  }
}
