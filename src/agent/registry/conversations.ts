// Who is told and who is asked, and when: a change goes to every host that is heard, again and again until it
// is acknowledged. A host that has just appeared, or come back, is asked.

import { etagOf, type HostState, type StateVersion } from '../../registry/host-state.ts'
import type { OfferOutcome } from '../../registry/book.ts'
import { newLease } from '../../registry/lease.ts'
import { type Line, pullState, pushState } from './client.ts'
import type { Complain } from './complaints.ts'
import { keyOf, type Neighbour, needsPull, needsPush, settle } from './neighbour.ts'
import type { Neighbours } from './neighbours.ts'
import type { OwnContainers } from './own-containers.ts'
import type { Shelf } from './shelf.ts'

/** Counted: how telling and asking went, and what was told to us. */
export interface RegistryCount {
  readonly way: 'push' | 'pull' | 'received'
  readonly result: OfferOutcome | 'unchanged' | 'refused' | 'failed'
}

interface ConversationParts {
  readonly own: Pick<OwnContainers, 'state' | 'outrun' | 'isComplete'>
  readonly shelf: Shelf
  readonly neighbours: Neighbours
  readonly line: () => Line
  readonly complain: Complain
  readonly count: (what: RegistryCount) => void
}

export interface Conversations {
  /** Does what is due now. */
  readonly converse: () => void
  readonly nextTick: () => void
  /** Takes what a host tells of itself. @returns what became of it, and the version that is held now */
  readonly take: (
    neighbour: Neighbour,
    state: HostState,
  ) => { readonly outcome: OfferOutcome; readonly held: StateVersion }
  /** Notes that what a host told was not accepted. */
  readonly refuse: (neighbour: Neighbour, why: string) => void
  readonly stop: () => void
}

// As many conversations in each direction at the same time.
const AT_ONCE = 16

export function makeConversations(parts: ConversationParts): Conversations {
  const { own, shelf, neighbours, line, complain, count } = parts
  let tick = 0
  let isStopped = false

  const push = async (neighbour: Neighbour): Promise<void> => {
    const state = own.state()
    neighbour.push.isBusy = true
    const said = await pushState(neighbour.peer, state, line())
    count({ way: 'push', result: said.kind })
    settle(neighbour.push, said.kind === 'taken', tick)
    if (said.kind !== 'failed') neighbour.refusal = said.kind === 'refused' ? said.why : undefined
    if (said.kind === 'taken') neighbour.acknowledged = state
    else if (said.kind === 'older') own.outrun(said.held)
    else if (said.kind === 'refused')
      complain("this host's containers refused by another host", said.why, nameOf(neighbour))
  }

  const pull = async (neighbour: Neighbour): Promise<void> => {
    const held = shelf.book().get(keyOf(neighbour.peer))?.state
    neighbour.pull.isBusy = true
    const said = await pullState(neighbour.peer, held && etagOf(held), line())
    settle(neighbour.pull, said.kind === 'state' || said.kind === 'unchanged', tick)
    count({ way: 'pull', result: said.kind === 'state' ? 'taken' : said.kind })
    if (said.kind === 'refused') return refuse(neighbour, said.why)
    if (said.kind === 'failed') neighbour.problem = said.why
    const state = said.kind === 'state' ? said.state : said.kind === 'unchanged' ? held : undefined
    // A host that has left meanwhile must not come back with its answer.
    if (state !== undefined && neighbours.of(neighbour.peer) === neighbour) take(neighbour, state)
  }

  const take: Conversations['take'] = (neighbour, state) => {
    const key = keyOf(neighbour.peer)
    const outcome = shelf.offer(key, state)
    neighbour.comparedAt = tick
    neighbour.lease = newLease(Math.max(neighbour.lease.heardAt, performance.now()))
    if (outcome !== 'older') neighbour.problem = undefined
    return { outcome, held: shelf.book().get(key) ?? state }
  }
  const refuse = (neighbour: Neighbour, why: string): void => {
    neighbour.problem = `what it told was refused: ${why}`
    complain('containers of another host refused', why, nameOf(neighbour))
  }

  const isMissing = ({ peer }: Neighbour): boolean => {
    const held = shelf.book().get(keyOf(peer))
    return held?.state === undefined || !held.isConfirmed
  }
  const begin = (way: 'push' | 'pull', isDue: (each: Neighbour) => boolean): void => {
    const all = neighbours.all()
    const room = AT_ONCE - all.filter((each) => each[way].isBusy).length
    if (room <= 0) return
    const work = way === 'push' ? push : pull
    for (const each of all.filter(isDue).slice(0, room)) void work(each).then(converse)
  }
  const converse = (): void => {
    if (isStopped) return
    const version = own.state()
    // Without the runtimes' names, other hosts would forget the names that they know.
    if (own.isComplete()) begin('push', (each) => needsPush(each, version, tick))
    begin('pull', (each) => needsPull(each, isMissing(each), tick))
  }

  return {
    converse,
    nextTick: () => {
      tick += 1
    },
    take,
    refuse,
    stop: () => {
      isStopped = true
    },
  }
}

function nameOf({ peer }: Neighbour): string {
  return peer.contact.facts.name
}
