// Whether containers use the nebula link at this moment. Only then do probes have to be quick: a path that nobody uses can
// be found dead a second later. Pure: figures come in.

export interface TrafficWatch {
  /**
   * Whether more packets have gone over the link lately than our own messages.
   * @param linkPackets of the link so far, both ways; undefined: there is no link
   * @param ownPackets our own messages on the link, sent and received, since the last call. Those that are in
   * `linkPackets` have to be among them; some that are not yet do no harm. What hosts ask each other by HTTP is among
   * them too, as about so many packets as it takes: a threshold that lets it pass would hide a reader's page as well.
   */
  readonly look: (linkPackets: number | undefined, ownPackets: number, now: number) => boolean
}

// What Nebula itself may add, and what is under way of many messages at the moment of a look. Somebody taken for busy by mistake
// probes more quickly, and is taken for it the more easily.
const SLACK_PACKETS = 2
const SLACK_PART = 0.05
// Somebody who reads a page is quiet between two clicks.
const LINGER_MS = 5000
// What was counted as ours before it was on the link is there by then.
const REMEMBERED_LOOKS = 6

export function watchTraffic(): TrafficWatch {
  let last: number | undefined
  let own = 0
  // Packets of others since the beginning, as far as can be told, at each of the last looks.
  let others: number[] = []
  let busyUntil = -Infinity
  return {
    look: (linkPackets, ownPackets, now) => {
      if (linkPackets === undefined || last === undefined || linkPackets < last) {
        others = []
        own = 0
      } else own += ownPackets
      last = linkPackets
      if (linkPackets !== undefined) {
        const count = linkPackets - own
        // Compared with the most of the last looks: with a hundred peers there are always messages of ours under way, and a
        // look that has counted some of them too early is followed by one that seems to see others' packets.
        const slack = SLACK_PACKETS + ownPackets * SLACK_PART
        if (others.length > 0 && count > Math.max(...others) + slack) busyUntil = now + LINGER_MS
        others.push(count)
        if (others.length > REMEMBERED_LOOKS) others.shift()
      }
      return now < busyUntil
    },
  }
}
