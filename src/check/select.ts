// Which items are looked at.

import { CniCode, CniError } from '../cni/error.ts'
import { type CheckItem, GROUPS, groupOf } from './item.ts'
import { nearest } from './nearest.ts'

/** What was asked for; ids and groups in either case. */
export interface Selection {
  readonly groups?: readonly string[]
  /** Ids; only these. */
  readonly only?: readonly string[]
  /** Ids; not these. */
  readonly skip?: readonly string[]
  /** Only what makes sense before anything is installed. */
  readonly pre?: boolean
  /** Ids; these whatever else is asked for. */
  readonly always?: readonly string[]
}

/**
 * The items asked for, in their order.
 * @throws CniError InvalidConfig for a group or an id that there is not, with the one it is most like, and when nothing
 * is left to look at
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
    ? 'nothing of it makes sense before an installation'
    : 'one option takes out what another chose'
  throw new CniError(CniCode.InvalidConfig, 'no check is left to do', why)
}

/** The item of this id. @throws CniError InvalidConfig when there is none */
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
      const hint = like === undefined ? `there are ${all.join(', ')}` : `did you mean ${like}?`
      throw new CniError(CniCode.InvalidConfig, `unknown ${what}`, `${JSON.stringify(name)}; ${hint}`)
    }),
  )
}
