// Gathers the required members of Facts in parallel, each once, within one time limit. What has arrived by
// then counts. The rest is late, which is not a fault of the host.

import { errorText } from '../cni/error.ts'
import { setImmediate as turn } from 'node:timers/promises'
import type { Facts } from '../check/facts.ts'
import type { Gathered, GatheredFacts } from '../check/judge.ts'
import { isLate } from '../cni/late.ts'
import { startDeadline } from '../exec/deadline.ts'
import { giveUpCommands } from '../exec/run.ts'
import { GATHER_LIMIT_MS, type GatherContext } from './context.ts'
import { GATHERERS } from './gatherers.ts'

type Member = keyof Facts

/** Options that are the same for every gatherer. */
type GatherOptions = Pick<GatherContext, 'now' | 'settingsFile'> &
  Partial<Pick<GatherContext, 'limitMs' | 'askPeers'>>

/** The gathered members, and what did not arrive in time, without duplicates. */
interface Gathering {
  readonly facts: GatheredFacts
  readonly waitedFor: readonly string[]
}

// Node delivers answers that have arrived between turns of its event loop, and some of
// them need another query.
const LAST_TURNS = 3

/**
 * Gathers `members`. A member that fails comes with its reason instead of a value, and one that takes too
 * long is marked late. Never rejects.
 */
export async function gather(
  members: readonly Member[],
  { limitMs = GATHER_LIMIT_MS, askPeers = [], ...options }: GatherOptions,
): Promise<Gathering> {
  const started = new Map<Member, Promise<unknown>>()
  const waitedFor = new Set<string>()
  const get = <Asked extends Member>(member: Asked): Promise<Facts[Asked]> => {
    const promise = started.get(member) ?? GATHERERS[member]().then((gatherer) => gatherer(context))
    started.set(member, promise)
    return promise as Promise<Facts[Asked]>
  }
  const context: GatherContext = { ...options, limitMs, askPeers, get, missed: (what) => waitedFor.add(what) }
  const found = new Map<Member, Gathered<unknown>>()
  const all = [...new Set(members)].map(async (member) => {
    found.set(member, await outcomeOf(get(member)))
  })
  await inTime(Promise.all(all), limitMs)
  const unfinished = members.filter((member) => !found.has(member))
  const commands = unfinished.length === 0 ? [] : giveUpCommands()
  for (const member of unfinished) {
    const late = commands.length === 0 ? `what the facts "${member}" need` : quoted(commands)
    found.set(member, { late })
  }
  for (const each of found.values()) if ('late' in each) waitedFor.add(each.late)
  return { facts: Object.fromEntries(found) as GatheredFacts, waitedFor: [...waitedFor] }
}

async function outcomeOf(promise: Promise<unknown>): Promise<Gathered<unknown>> {
  try {
    return { value: await promise }
  } catch (error) {
    return isLate(error) ? { late: error.details } : { problem: errorText(error) }
  }
}

async function inTime(work: Promise<unknown>, limitMs: number): Promise<void> {
  let clear: () => void = () => undefined
  const over = new Promise<void>((resolve) => {
    clear = startDeadline(limitMs, resolve).clear
  })
  await Promise.race([work, over])
  clear()
  for (let left = LAST_TURNS; left > 0; left--) await Promise.race([work, turn()])
}

function quoted(commands: readonly string[]): string {
  return commands.map((command) => `"${command}"`).join(', ')
}
