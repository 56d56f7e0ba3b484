// `flatnet-cni path [PEER] --history`: what happened to the paths, from the files that the agent keeps; it need not run.

import { parseIp } from '../addr/ip.ts'
import type { TransitionView } from '../api/views.ts'
import type { Settings } from '../config/settings.ts'
import { openPathHistory } from '../state/path-history.ts'
import type { Answer } from './command.ts'
import type { Named } from '../route/find-peer.ts'
import { transitionLine } from './path-words.ts'

/** The transitions of the peers, oldest first. @throws CniError */
export function pathHistory(settings: Settings, peers: readonly Named[], now: Date): Answer {
  const { dataDir } = settings
  const damaged: string[] = []
  const history = openPathHistory(dataDir, (file, line) =>
    damaged.push(`${file}: line ${String(line)} is damaged`),
  )
  const transitions = peers
    .flatMap(({ overlay }) => overlay.slice(0, 1).flatMap((text) => parseIp(text) ?? []))
    .flatMap((ip) => history.read(ip))
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
  return {
    data: { transitions, damaged },
    render: () => {
      const lines = transitions.map((each) => line(each, peers.length > 1, now))
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
