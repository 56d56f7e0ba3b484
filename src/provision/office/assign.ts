// Chooses the addresses of a new host: the lowest number that was never assigned.

import { overlaps, formatPrefix, parsePrefix, type Prefix } from '../../addr/prefix.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import type { Assignment, LedgerEntry, Signature } from './ledger.ts'
import {
  highestNumber,
  hostSubnetsOf,
  mostWithoutContainers,
  type NetworkPlan,
  overlayAddresses,
  placedAddresses,
} from './network-plan.ts'
import type { Role } from './role.ts'

/** What is asked for a new host. */
export interface Wish {
  readonly name: string
  readonly role: Role
  /** A lighthouse may run containers, too; a host always does. */
  readonly hasContainers: boolean
  /** It forwards for the other hosts. A gateway has containers, too. */
  readonly isGateway: boolean
  readonly groups: readonly string[]
  readonly endpoints: readonly string[]
  /** ISO 8601. */
  readonly at: string
}

/** The group in the certificate of each host that runs containers. */
const CONTAINERS_GROUP = 'containers'

/**
 * Returns the assignment for a wish.
 * @throws CniError AddressTaken for a name in use or networks that overlap earlier ones, RangeExhausted when
 * no number is left
 */
export function assign(plan: NetworkPlan, entries: readonly LedgerEntry[], wish: Wish): Assignment {
  const earlier = assignmentsOf(entries)
  const namesake = earlier.find(({ name }) => name === wish.name)
  if (namesake !== undefined) throw nameTaken(namesake, lastSignature(entries, wish.name))
  const same = earlier.filter((each) => hasContainers(each) === wish.hasContainers)
  const taken = new Set(same.map(({ number }) => number))
  const most = wish.hasContainers ? highestNumber(plan) : mostWithoutContainers(plan)
  const number = firstFree(taken, most)
  if (number === undefined) throw exhausted(plan, wish, most)
  const overlay = wish.hasContainers ? overlayAddresses(plan, number) : placedAddresses(plan, number)
  const subnets = wish.hasContainers ? hostSubnetsOf(plan, number) : []
  refuseOverlap(overlay, subnets, earlier)
  return {
    kind: 'assign',
    at: wish.at,
    name: wish.name,
    role: wish.role,
    number,
    overlay: overlay.map(formatPrefix),
    subnets: subnets.map(formatPrefix),
    gateway: wish.isGateway,
    groups: groupsOf({ subnets: subnets.map(formatPrefix) }, wish.groups),
    endpoints: wish.endpoints,
  }
}

/** Returns the assignments of a ledger in order, each as later entries have changed it. */
export function assignmentsOf(entries: readonly LedgerEntry[]): readonly Assignment[] {
  const assignments = new Map<string, Assignment>()
  for (const entry of entries) {
    if (entry.kind === 'assign') assignments.set(entry.name, entry)
    const earlier = 'name' in entry ? assignments.get(entry.name) : undefined
    if (earlier !== undefined) assignments.set(earlier.name, changed(earlier, entry))
  }
  return [...assignments.values()]
}

function changed(assignment: Assignment, entry: LedgerEntry): Assignment {
  switch (entry.kind) {
    case 'groups':
      return { ...assignment, groups: entry.groups }
    case 'gateway':
      return { ...assignment, gateway: entry.gateway }
    case 'endpoints':
      return { ...assignment, endpoints: entry.endpoints }
    case 'assign':
    case 'sign':
    case 'revoke':
    case 'state':
    case 'ca':
      return assignment
  }
}

/** Returns the groups of a host that is to be in these: one with containers stays in theirs, too. */
export function groupsOf(
  { subnets }: Pick<Assignment, 'subnets'>,
  asked: readonly string[],
): readonly string[] {
  return [...new Set(subnets.length > 0 ? [CONTAINERS_GROUP, ...asked] : asked)]
}

/** Returns the latest certificate signed for a name, revoked or not. */
export function lastSignature(entries: readonly LedgerEntry[], name: string): Signature | undefined {
  return entries.filter((entry) => entry.kind === 'sign').findLast((entry) => entry.name === name)
}

/** Returns the latest certificate of a name unless it was revoked. */
export function standingSignature(entries: readonly LedgerEntry[], name: string): Signature | undefined {
  const last = lastSignature(entries, name)
  const isRevoked = entries.some(
    (entry) => entry.kind === 'revoke' && last !== undefined && entry.fingerprints.includes(last.fingerprint),
  )
  return isRevoked ? undefined : last
}

function hasContainers({ subnets }: Assignment): boolean {
  return subnets.length > 0
}

function firstFree(taken: ReadonlySet<number>, most: number): number | undefined {
  for (let number = 1; number <= most; number++) if (!taken.has(number)) return number
  return undefined
}

// Cannot happen with an unchanged plan, whose numbers never meet. The file can be edited.
function refuseOverlap(
  overlay: readonly Prefix[],
  subnets: readonly Prefix[],
  earlier: readonly Assignment[],
): void {
  for (const { name, overlay: theirs, subnets: their } of earlier) {
    const address = overlay.find((each) => theirs.includes(formatPrefix(each)))
    const network = subnets.find((each) =>
      their.some((text) => {
        const other = parsePrefix(text)
        return other !== undefined && overlaps(other, each)
      }),
    )
    const clash = address ?? network
    if (clash === undefined) continue
    throw new CniError(
      CniCode.AddressTaken,
      'network taken',
      `${formatPrefix(clash)} overlaps what ${name} has; the plan was changed after hosts were signed: ` +
        'restore plan.json from the backup',
    )
  }
}

function nameTaken({ name, at, overlay }: Assignment, signed: Signature | undefined): CniError {
  const again = `flatnet-cni host add ${name} --again`
  return new CniError(
    CniCode.AddressTaken,
    'name taken',
    signed === undefined
      ? `${name} got ${overlay.join(', ')} at ${at}, but no certificate: an earlier command was stopped, ` +
          `or still runs. If it does not run any more: ${again}`
      : `${name} has ${overlay.join(', ')} and a certificate signed at ${signed.at}. Choose another name, ` +
          `or sign a new key for the same addresses: ${again}`,
  )
}

function exhausted({ families }: NetworkPlan, { hasContainers: runs }: Wish, most: number): CniError {
  const networks = families.map(({ pool, overlay }) => formatPrefix(runs ? pool : overlay)).join(', ')
  const what = runs ? 'host subnets' : 'addresses for lighthouses'
  return new CniError(
    CniCode.RangeExhausted,
    'no number left',
    `all ${String(most)} ${what} of ${networks} were assigned, and none is ever given to another host; ` +
      'make a new office with larger networks: flatnet-cni init',
  )
}
