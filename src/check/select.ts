// Selects the items to judge.

import { CniCode, CniError } from '../cni/error.ts'
import { type CheckItem, GROUPS, groupOf } from './item.ts'
import { nearest } from '../config/nearest.ts'

/** The requested selection; ids and groups are case-insensitive. */
export interface Selection {
  readonly groups?: readonly string[]
  /** Ids; only these. */
  readonly only?: readonly string[]
  /** Ids; not these. */
  readonly skip?: readonly string[]
  /** Only items that make sense before anything is installed. */
  readonly pre?: boolean
  /** Ids; these in addition to any other selection. */
  readonly always?: readonly string[]
}

/**
 * Returns the selected items in their original order.
 * @throws CniError InvalidConfig for an unknown group or id, with the closest match, and when the selection
 * is empty
 */
export function selectItems(
  items: readonly CheckItem[],
  { groups = [], only = [], skip = [], pre = false, always = [] }: Selection,
): readonly CheckItem[] {
  const ids = items.map(({ id }) => id)
  const wantedGroups = known(groups, GROUPS, 'group')
  const wanted = known(only, ids, 'check')
  const unwanted = known(skip, ids, 'check')
  const chosen = items.filter(
    ({ id, pre: isPre = false }) =>
      always.includes(id) ||
      ((wantedGroups.size === 0 || wantedGroups.has(groupOf(id))) &&
        (wanted.size === 0 || wanted.has(id)) &&
        !unwanted.has(id) &&
        (!pre || isPre)),
  )
  if (chosen.length > 0) return chosen
  const why = pre
    ? 'none of the selected checks makes sense before an installation'
    : 'one option excludes what another selects'
  throw new CniError(CniCode.InvalidConfig, 'no check selected', why)
}

/**
 * Returns the item with this id.
 * @throws CniError InvalidConfig when there is none
 */
export function findItem(items: readonly CheckItem[], id: string): CheckItem {
  const [found] = selectItems(items, { only: [id] })
  if (found === undefined) throw new TypeError(`${id} was found and is not there`)
  return found
}

function known(names: readonly string[], all: readonly string[], what: string): ReadonlySet<string> {
  return new Set(
    names.map((name) => {
      const upper = name.toUpperCase()
      if (all.includes(upper)) return upper
      const like = nearest(upper, all)
      const hint = like === undefined ? `known: ${all.join(', ')}` : `did you mean ${like}?`
      throw new CniError(CniCode.InvalidConfig, `unknown ${what}`, `${JSON.stringify(name)}; ${hint}`)
    }),
  )
}
