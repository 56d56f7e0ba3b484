// Gathers the members of Facts that are needed: side by side, each once, each bounded in time.

import type { Facts } from '../check/facts.ts'
import type { Gathered, GatheredFacts } from '../check/judge.ts'
import { GATHER_LIMIT_MS, type GatherContext } from './context.ts'
import { GATHERERS } from './gatherers.ts'
import { reasonOf } from './reason.ts'

type Member = keyof Facts

/** What is the same for every gatherer. */
export type GatherOptions = Pick<GatherContext, 'now' | 'settingsFile'> &
  Partial<Pick<GatherContext, 'limitMs' | 'askPeers'>>

/** Gathers `members`; one that fails or takes too long comes with the reason instead of a value. Never rejects. */
export async function gather(
  members: readonly Member[],
  { limitMs = GATHER_LIMIT_MS, askPeers = [], ...options }: GatherOptions,
): Promise<GatheredFacts> {
  const started = new Map<Member, Promise<unknown>>()
  const get = <Asked extends Member>(member: Asked): Promise<Facts[Asked]> => {
    const promise = started.get(member) ?? GATHERERS[member]().then((gatherer) => gatherer(context))
    started.set(member, promise)
    return promise as Promise<Facts[Asked]>
  }
  const context: GatherContext = { ...options, limitMs, askPeers, get }
  const gathered = await Promise.all(
    [...new Set(members)].map(
      async (member) => [member, await within(limitMs, member, get(member))] as const,
    ),
  )
  return Object.fromEntries(gathered) as GatheredFacts
}

async function within<Value>(
  limitMs: number,
  member: Member,
  promise: Promise<Value>,
): Promise<Gathered<Value>> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${member}: no answer within ${String(limitMs)} ms`)), limitMs)
  })
  try {
    return { value: await Promise.race([promise, late]) }
  } catch (error) {
    return { problem: reasonOf(error) }
  } finally {
    clearTimeout(timer)
  }
}
