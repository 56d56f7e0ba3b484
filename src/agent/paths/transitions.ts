// Records each phase change and each better reason for one: stores, counts and logs it, and passes
// it to followers.

import { errorText } from '../../cni/error.ts'
import { formatIp } from '../../addr/ip.ts'
import type { TransitionView } from '../../views/paths.ts'
import type { Transition } from '../../paths/escalation/state.ts'
import type { Log } from '../../log.ts'
import type { PathHistory } from '../../state/agent/path-history.ts'
import type { Meters } from '../http/meters.ts'
import { momentNow } from './moment.ts'
import type { AgentPeer } from '../peers/peer.ts'

export interface Transitions {
  readonly record: (peer: AgentPeer, transition: Transition) => void
  /** Calls `listener` after each one, for as long as the agent runs. */
  readonly onChange: (listener: () => void) => void
  /** Yields everything from now on, until the signal. */
  readonly follow: (signal: AbortSignal) => AsyncIterable<TransitionView>
}

const MOST_WAITING = 1000

export function makeTransitions(history: PathHistory, meters: Meters, log: Log): Transitions {
  const followers = new Set<(view: TransitionView) => void>()

  const record = (peer: AgentPeer, transition: Transition): void => {
    const { name, overlay } = peer.contact.facts
    const now = momentNow()
    const [first] = overlay
    const known = first === undefined ? {} : { overlay: formatIp(first) }
    const view: TransitionView = { at: now.at.toISOString(), peer: name, ...known, ...transition }
    // A later look may find a better reason. The phase is then the same.
    const isChange = transition.from !== transition.to
    if (isChange) {
      peer.changedAt = now
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
        error: errorText(error),
      })
    }
  }

  async function* follow(signal: AbortSignal): AsyncIterable<TransitionView> {
    const waiting: TransitionView[] = []
    let wake: () => void = () => undefined
    const take = (view: TransitionView): void => {
      waiting.push(view)
      // A follower that reads nothing for this long gets the latest, and does not fill the agent's memory.
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

  return { record, onChange: (listener) => void followers.add(listener), follow }
}
