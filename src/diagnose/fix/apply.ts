// Performs the repairs that a report offers: each once, one after another. A failure does not stop the rest.

import { errorText } from '../../cni/error.ts'
import type { Fix } from '../../check/item.ts'
import type { Report } from '../../check/report.ts'
import { REPAIRS } from './repairs.ts'

/** One repair: done, or failed with `problem`. */
export interface Repair extends Fix {
  /** The items that asked for it. */
  readonly ids: readonly string[]
  readonly problem?: string
}

/**
 * Performs the repairs of a report.
 * @param isTrial list the repairs without performing them
 */
export async function applyFixes(report: Report, isTrial: boolean): Promise<readonly Repair[]> {
  const done: Repair[] = []
  for (const repair of wanted(report)) {
    const problem = isTrial ? undefined : await attempt(repair)
    done.push(problem === undefined ? repair : { ...repair, problem })
  }
  return done
}

function wanted({ items }: Report): readonly Repair[] {
  const found = new Map<string, Repair>()
  for (const { id, findings } of items) {
    for (const { fix } of findings) {
      if (fix === undefined) continue
      const key = JSON.stringify([fix.kind, fix.arguments])
      const ids = new Set([...(found.get(key)?.ids ?? []), id])
      found.set(key, { ...(found.get(key) ?? fix), ids: [...ids] })
    }
  }
  return [...found.values()]
}

async function attempt({ kind, arguments: given }: Repair): Promise<string | undefined> {
  const load = REPAIRS[kind]
  if (load === undefined) throw new TypeError(`unknown kind of repair: ${kind}`)
  try {
    await (
      await load()
    )(given)
    return undefined
  } catch (error) {
    return errorText(error)
  }
}
