// `flatnet-cni path [PEER] --history`: shows the transitions from the agent's files, so it works without a
// running agent.

import { formatIp } from '../../../addr/ip.ts'
import type { TransitionView } from '../../../views/paths.ts'
import { mergeHistories } from '../../../views/transition-order.ts'
import type { Settings } from '../../../config/settings.ts'
import { openPathHistory } from '../../../state/agent/path-history.ts'
import type { Answer } from '../../command.ts'
import { findPeer, type Named } from '../../../route/find-peer.ts'
import { transitionLine } from '../../text/path-words.ts'

/**
 * Returns the transitions of one peer, or of every peer that ever had one, oldest first.
 * @param known the current peers, whose names and subnets also identify a peer
 * @throws CniError also when no such peer exists
 */
export function pathHistory(
  settings: Settings,
  known: readonly Named[],
  wanted: string | undefined,
  now: Date,
): Answer {
  const damaged: string[] = []
  const history = openPathHistory(settings.dataDir, (file, line) =>
    damaged.push(`${file}: line ${String(line)} is damaged and was skipped`),
  )
  const past = history.peers().map((ip) => {
    const transitions = history.read(ip)
    return { name: transitions.at(-1)?.peer ?? '', overlay: [formatIp(ip)], subnets: [], transitions }
  })
  const present = known.map((peer) => ({
    ...peer,
    transitions: past
      .filter(({ overlay: [file] }) => file === peer.overlay[0])
      .flatMap((each) => each.transitions),
  }))
  const gone = past.filter(({ overlay: [file] }) => !known.some((peer) => peer.overlay[0] === file))
  const all = [...present, ...gone]
  const chosen = wanted === undefined ? all : [findPeer(all, wanted)]
  const transitions = mergeHistories(chosen.map((each) => each.transitions))
  return {
    data: { transitions, damaged },
    render: () => {
      const lines = transitions.map((each) => line(each, wanted === undefined, now))
      if (lines.length === 0) lines.push('no changes so far, or no agent has run')
      return [...lines, ...damaged.map((each) => `note: ${each}`)].map((each) => `${each}\n`).join('')
    },
  }
}

function line(transition: TransitionView, isNamed: boolean, now: Date): string {
  return isNamed ? `${transition.peer} ${transitionLine(transition, now)}` : transitionLine(transition, now)
}
