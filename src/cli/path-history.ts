// `flatnet-cni path [PEER] --history`: what happened to the paths, from the files that the agent keeps; it need not run.

import { formatIp } from '../addr/ip.ts'
import type { TransitionView } from '../api/views.ts'
import type { Settings } from '../config/settings.ts'
import { openPathHistory } from '../state/path-history.ts'
import type { Answer } from './command.ts'
import { findPeer, type Named } from '../route/find-peer.ts'
import { transitionLine } from './path-words.ts'

/**
 * The transitions of one peer, or of all that ever had any, oldest first.
 * @param known the peers of now, by whose names and subnets one can be called too
 * @throws CniError also when there is no such peer
 */
export function pathHistory(
  settings: Settings,
  known: readonly Named[],
  wanted: string | undefined,
  now: Date,
): Answer {
  const damaged: string[] = []
  const history = openPathHistory(settings.dataDir, (file, line) =>
    damaged.push(`${file}: line ${String(line)} is damaged`),
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
  const transitions = chosen
    .flatMap((each) => each.transitions)
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
  return {
    data: { transitions, damaged },
    render: () => {
      const lines = transitions.map((each) => line(each, wanted === undefined, now))
      if (lines.length === 0) lines.push('nothing has happened yet, or no agent has run')
      return [...lines, ...damaged.map((each) => `note: ${each}, left out`)]
        .map((each) => `${each}\n`)
        .join('')
    },
  }
}

function line(transition: TransitionView, isNamed: boolean, now: Date): string {
  return isNamed ? `${transition.peer} ${transitionLine(transition, now)}` : transitionLine(transition, now)
}
