// The closing text of `flatnet-cni drill`.

import type { DrillResult } from '../../../views/drill.ts'
import { duration } from '../../text/figures.ts'
import { transitionLine } from '../../text/path-words.ts'
import type { Theme } from '../../terminal.ts'

/**
 * Returns the outcome in a few lines.
 * @param timer what lifts the block in any case
 */
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
      : `back on the direct path after ${duration(returnedAfterMs)}, ` +
        `${count(lostOnReturn)} lost on the way back`
  const changes = transitions.map((each) => `  ${transitionLine(each, now)}\n`)
  return [
    `\n${theme.strong(peer)}: direct path blocked for ${duration(forMs)}\n`,
    `Outage    ${(outageMs < 1000 ? theme.good : theme.warn)(duration(outageMs))} (one packet every ` +
      `${duration(everyMs)})\n`,
    `Packets   ${count(lost)} of ${String(sent)} lost\n`,
    `Return    ${returned}\n`,
    changes.length === 0
      ? theme.bad('The path did not change. Check the agent: flatnet-cni status\n')
      : `Changes\n${changes.join('')}`,
    `The ${restoredBy === 'timer' ? 'timer' : 'agent'} lifted the block. ${timer}\n`,
  ].join('')
}

function count(packets: number): string {
  return packets === 1 ? '1 packet' : `${String(packets)} packets`
}
