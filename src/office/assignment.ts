// Who gets which addresses: a new assignment in the ledger, or the one that a name has.

import { formatIp } from '../addr/ip.ts'
import { parsePrefix } from '../addr/prefix.ts'
import { CniCode, CniError } from '../cni/error.ts'
import type { KnownLighthouse } from '../provision/bundle/contents.ts'
import {
  assign,
  assignmentsOf,
  lastSignature,
  standingSignature,
  type Wish,
} from '../provision/office/assign.ts'
import type { Assignment, LedgerEntry, Move } from '../provision/office/ledger.ts'
import type { Office } from '../state/office/folder.ts'

/** What is asked for, without its time. */
export type HostRequest = Omit<Wish, 'at'>

/** Assigns addresses and enters them in the ledger. @throws CniError when there are none for this wish */
export function assigned(office: Office, request: HostRequest): Promise<Assignment> {
  return office.append((entries) => wouldAssign(office, entries, request))
}

/** Returns what {@link assigned} would enter. @throws CniError as it does */
export function wouldAssign(
  { plan }: Office,
  entries: readonly LedgerEntry[],
  request: HostRequest,
): Assignment {
  if (request.role === 'host' && lighthousesOf(entries).length === 0)
    throw new CniError(
      CniCode.InvalidConfig,
      'no lighthouse',
      'hosts find each other through one, so add it first: flatnet-cni host add NAME --lighthouse ' +
        '--address ADDRESS',
    )
  return assign(plan, entries, { ...request, at: new Date().toISOString() })
}

/** Returns the assignment of a name. @throws CniError for a name that has none */
export function known(entries: readonly LedgerEntry[], name: string): Assignment {
  const found = assignmentsOf(entries).find((each) => each.name === name)
  if (found !== undefined) return found
  throw new CniError(
    CniCode.InvalidConfig,
    'unknown host',
    `${name} was never added to this office; leave --again out to add it`,
  )
}

/**
 * Returns the assignment of a name, and enters where its lighthouse is from now on. @param endpoints empty to
 * leave that
 * @throws CniError for a name that has none, or one of a host that is not a lighthouse
 */
export async function moved(
  office: Office,
  { name, endpoints }: Pick<HostRequest, 'name' | 'endpoints'>,
): Promise<Assignment> {
  const assignment = known(office.ledger().entries, name)
  if (endpoints.length === 0 || String(endpoints) === String(assignment.endpoints)) return assignment
  if (assignment.role !== 'lighthouse')
    throw new CniError(
      CniCode.InvalidConfig,
      'not a lighthouse',
      `${name} is a host, which others find through a lighthouse at whatever address it has: leave ` +
        '--address out',
    )
  await office.append((): Move => ({ kind: 'endpoints', at: new Date().toISOString(), name, endpoints }))
  return { ...assignment, endpoints }
}

/** Returns the lighthouses of a ledger. */
export function lighthousesOf(entries: readonly LedgerEntry[]): readonly KnownLighthouse[] {
  return assignmentsOf(entries)
    .filter(({ role, name }) => role === 'lighthouse' && !isRevoked(entries, name))
    .map(({ name, overlay, endpoints }) => ({
      name,
      overlay: overlay.flatMap((text) => {
        const prefix = parsePrefix(text)
        return prefix === undefined ? [] : [formatIp(prefix)]
      }),
      endpoints,
    }))
}

function isRevoked(entries: readonly LedgerEntry[], name: string): boolean {
  return lastSignature(entries, name) !== undefined && standingSignature(entries, name) === undefined
}
