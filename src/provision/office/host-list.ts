// What the ledger says of every host of an office.

import { daysUntil, EXPIRES_SOON_DAYS } from '../../nebula/hosts/lifetime.ts'
import { assignmentsOf, lastSignature, standingSignature } from './assign.ts'
import type { Assignment, LedgerEntry } from './ledger.ts'
import type { Role } from './role.ts'

/** 'unsigned': a command was stopped between the assignment and the signature. */
export type HostState = 'valid' | 'expires soon' | 'expired' | 'unsigned' | 'revoked'

export interface ListedHost {
  readonly name: string
  readonly role: Role
  readonly overlay: readonly string[]
  readonly subnets: readonly string[]
  /** It forwards for the other hosts. */
  readonly gateway: boolean
  readonly groups: readonly string[]
  readonly endpoints: readonly string[]
  /** ISO 8601; null for an unsigned host. */
  readonly signedAt: string | null
  /** When its certificate ends, likewise. */
  readonly notAfter: string | null
  /** Whole days; negative after the end. */
  readonly daysLeft: number | null
  readonly fingerprint: string | null
  readonly state: HostState
}

/** Returns what an assignment says of its host, as every --json prints it. */
export function assignedTo({
  name,
  role,
  overlay,
  subnets,
  gateway,
  groups,
  endpoints,
}: Assignment): Pick<
  ListedHost,
  'name' | 'role' | 'overlay' | 'subnets' | 'gateway' | 'groups' | 'endpoints'
> {
  return { name, role, overlay, subnets, gateway, groups, endpoints }
}

/** Returns the hosts in the order of their assignment. @param now Unix seconds */
export function listHosts(entries: readonly LedgerEntry[], now: number): readonly ListedHost[] {
  return assignmentsOf(entries).map((assignment) => {
    const { name } = assignment
    const signed = lastSignature(entries, name)
    const daysLeft = signed === undefined ? null : daysUntil(signed.notAfter, now)
    return {
      ...assignedTo(assignment),
      signedAt: signed?.at ?? null,
      notAfter: signed === undefined ? null : new Date(signed.notAfter * 1000).toISOString(),
      daysLeft,
      fingerprint: signed?.fingerprint ?? null,
      state:
        signed !== undefined && standingSignature(entries, name) === undefined
          ? 'revoked'
          : stateOf(daysLeft),
    }
  })
}

function stateOf(daysLeft: number | null): HostState {
  if (daysLeft === null) return 'unsigned'
  if (daysLeft < 0) return 'expired'
  return daysLeft <= EXPIRES_SOON_DAYS ? 'expires soon' : 'valid'
}
