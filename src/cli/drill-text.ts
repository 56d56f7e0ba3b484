// What `flatnet-cni drill` says in the end.

import type { DrillResult } from '../api/drill.ts'
import { duration } from './figures.ts'
import { transitionLine } from './path-words.ts'
import type { Theme } from './terminal.ts'

/** The outcome in a few lines. @param timer what ends the block in any case */
export function drillText(theme: Theme, result: DrillResult, timer: string): string {
  const {
    peer,
    forMs,
    outageMs,
    everyMs,
    sent,
    lost,
    transitions,
    returnedAfterMs,
    lostOnReturn,
    restoredBy,
  } = result
  const now = new Date(Date.parse(result.startedAt) + forMs)
  const returned =
    returnedAfterMs === null
      ? theme.bad('not back on the direct path yet')
      : `back on the direct path after ${duration(returnedAfterMs)}, ${count(lostOnReturn)} lost on the way back`
  const changes = transitions.map((each) => `  ${transitionLine(each, now)}\n`)
  return [
    `\n${theme.strong(peer)}: direct path blocked for ${duration(forMs)}\n`,
    `Outage    ${(outageMs < 1000 ? theme.good : theme.warn)(duration(outageMs))} (one packet every ${duration(everyMs)})\n`,
    `Packets   ${count(lost)} of ${String(sent)} lost\n`,
    `Return    ${returned}\n`,
    changes.length === 0
      ? theme.bad('The path did not change: is the agent well?\n')
      : `Changes\n${changes.join('')}`,
    `Restored by the ${restoredBy === 'timer' ? 'timer' : 'agent'}. ${timer}\n`,
  ].join('')
}

function count(packets: number): string {
  return packets === 1 ? '1 packet' : `${String(packets)} packets`
}
