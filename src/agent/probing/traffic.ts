// Detects whether containers use the nebula link now. Only then must probes be quick, because the death of an
// unused path may be found a second later. Pure: figures are passed in.

export interface TrafficWatch {
  /**
   * Returns whether the link has lately carried more packets than our own messages.
   * @param linkPackets packets on the link so far, both ways; undefined if there is no link
   * @param ownPackets our own messages on the link, sent and received, since the last call. All those in
   * `linkPackets` must be included; some that are not there yet do no harm. HTTP between hosts is included
   * with an estimate of its packets, because a threshold that lets it pass would also hide a user who reads a
   * web page.
   */
  readonly look: (linkPackets: number | undefined, ownPackets: number, now: number) => boolean
}

// Allows for packets of Nebula itself, and for messages on the way at the moment of a look. A link mistaken
// for busy gets more probes, which makes the mistake more likely again.
const SLACK_PACKETS = 2
const SLACK_PART = 0.05
// A user who reads a web page is quiet between two clicks.
const LINGER_MS = 5000
// Packets counted as ours before they were on the link are there after this many looks.
const REMEMBERED_LOOKS = 6

export function watchTraffic(): TrafficWatch {
  let last: number | undefined
  let own = 0
  // Packets of others so far, as far as can be told, at each of the last looks.
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
        // Compares with the highest of the last looks. With a hundred peers, some of our messages are always
        // on the way, and a look that has counted some of them too early is followed by one that seems to see
        // packets of others.
        const slack = SLACK_PACKETS + ownPackets * SLACK_PART
        if (others.length > 0 && count > Math.max(...others) + slack) busyUntil = now + LINGER_MS
        others.push(count)
        if (others.length > REMEMBERED_LOOKS) others.shift()
      }
      return now < busyUntil
    },
  }
}
