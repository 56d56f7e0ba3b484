// Who has a step from one CA to the next: those that say so now, and those that have said so before.

import { type HostProgress, progressOf } from '../provision/office/ca-state.ts'
import type { CaStep } from '../provision/office/ledger.ts'
import { hostsSeen, noteHosts } from '../state/office/ca-hosts.ts'
import type { Office } from '../state/office/folder.ts'
import type { HostAuthorities } from '../views/authorities.ts'

/** Returns the progress of a step, and remembers it. @param said what the hosts say @throws CniError */
export function caProgress(
  office: Office,
  step: CaStep,
  said: readonly HostAuthorities[],
): readonly HostProgress[] {
  const seen = hostsSeen(office.folder, step)
  const progress = progressOf(office.ledger().entries, step, said).map((each) =>
    each.has === '?' && seen.has(each.name) ? { ...each, has: 'yes' as const, why: '' } : each,
  )
  const having = progress.filter(({ has }) => has === 'yes').map(({ name }) => name)
  if (having.length !== seen.size || having.some((name) => !seen.has(name)))
    noteHosts(office.folder, step, having)
  return progress
}
