// What is done with each change of phase and each better reason for one: kept, counted, logged on one line, and shown to whoever follows.

import { formatIp } from '../addr/ip.ts'
import type { TransitionView } from '../api/views.ts'
import type { Transition } from '../escalation/state.ts'
import type { Log } from '../log.ts'
import type { PathHistory } from '../state/path-history.ts'
import type { Meters } from './meters.ts'
import type { AgentPeer } from './peer.ts'

export interface Transitions {
  readonly record: (peer: AgentPeer, transition: Transition) => void
  /** Everything from now on, until the signal. */
  readonly follow: (signal: AbortSignal) => AsyncIterable<TransitionView>
}

const MOST_WAITING = 1000

export function makeTransitions(history: PathHistory, meters: Meters, log: Log): Transitions {
  const followers = new Set<(view: TransitionView) => void>()

  const record = (peer: AgentPeer, transition: Transition): void => {
    const { name, overlay } = peer.contact.facts
    const at = new Date()
    const [first] = overlay
    const known = first === undefined ? {} : { overlay: formatIp(first) }
    const view: TransitionView = { at: at.toISOString(), peer: name, ...known, ...transition }
    // A later look may know the reason better; the phase is then the same.
    const isChange = transition.from !== transition.to
    if (isChange) {
      peer.changedAt = at
      peer.transitions += 1
      meters.changed(peer, transition)
    }
    log('info', isChange ? 'path changed' : 'path explained', view)
    for (const follower of followers) follower(view)
    if (first === undefined) return
    try {
      history.append(first, view)
    } catch (error) {
      log('warn', 'history not written', {
        peer: name,
        error: error instanceof Error ? error.message : String(error),
      })
    }
  }

  async function* follow(signal: AbortSignal): AsyncIterable<TransitionView> {
    const waiting: TransitionView[] = []
    let wake: () => void = () => undefined
    const take = (view: TransitionView): void => {
      waiting.push(view)
      // Whoever reads nothing for so long gets the latest, not all of the agent's memory.
      if (waiting.length > MOST_WAITING) waiting.shift()
      wake()
    }
    followers.add(take)
    signal.addEventListener('abort', () => wake(), { once: true })
    try {
      while (!signal.aborted) {
        const next = waiting.shift()
        if (next === undefined) await new Promise<void>((resolve) => (wake = resolve))
        else yield next
      }
    } finally {
      followers.delete(take)
    }
  }

  return { record, follow }
}
