// The packets of a drill and their fate. Pure.

/** A packet. Times are monotonic milliseconds. */
export interface FlowPacket {
  readonly sentAt: number
  backAt: number | undefined
}

export interface Flow {
  /** By nonce. */
  readonly packets: ReadonlyMap<string, FlowPacket>
  readonly stop: () => void
}

/** How long a packet may take before it counts as lost while the flow still runs. */
const LATE_MS = 250

/**
 * Summarises the packets sent from `from` until `until`. The longest gap, in milliseconds, lasts from the
 * first lost packet to the next one that came back, or to the last lost one.
 */
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
    if (backAt === undefined) gapFrom ??= sentAt
    if (gapFrom !== undefined) longest = Math.max(longest, sentAt - gapFrom)
    if (backAt !== undefined) gapFrom = undefined
  }
  return { sent: chosen.length, lost: lost.length, longestGapMs: Math.round(longest) }
}
