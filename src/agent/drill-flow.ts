// The packets of a drill and what became of them. Pure but for the timer that the flow's owner stops.

/** One packet, monotonic milliseconds. */
export interface FlowPacket {
  readonly sentAt: number
  backAt: number | undefined
}

export interface Flow {
  /** By nonce. */
  readonly packets: ReadonlyMap<string, FlowPacket>
  readonly stop: () => void
}

/** What is not back after so long counts as lost while the flow still runs. */
const LATE_MS = 250

/** What became of the packets sent from `from` until `until`. */
export function countFlow(
  packets: ReadonlyMap<string, FlowPacket>,
  from: number,
  until: number,
): { readonly sent: number; readonly lost: number; readonly longestGapMs: number } {
  const chosen = [...packets.values()].filter(({ sentAt }) => sentAt >= from && sentAt <= until - LATE_MS)
  const lost = chosen.filter(({ backAt }) => backAt === undefined)
  let longest = 0
  let gapFrom: number | undefined
  for (const { sentAt, backAt } of chosen) {
    if (backAt !== undefined) gapFrom = undefined
    else {
      gapFrom ??= sentAt
      longest = Math.max(longest, sentAt - gapFrom)
    }
  }
  return { sent: chosen.length, lost: lost.length, longestGapMs: Math.round(longest) }
}
