// Whether containers use the nebula link at this moment. Only then do probes have to be quick: a path that nobody uses can
// be found dead a second later.

import { readLinkPackets } from '../exec/proc.ts'

export interface TrafficWatch {
  /**
   * Whether more packets went over the link since the last call than the probes that were counted.
   * @param ownPackets our own messages on the link, sent and received, since the last call
   */
  readonly look: (dev: string | undefined, ownPackets: number, now: number) => boolean
}

// Two looks' worth of what Nebula itself and late probes of ours may add.
const SLACK_PACKETS = 2
// Somebody who reads a page is quiet between two clicks.
const LINGER_MS = 5000

export function watchTraffic(): TrafficWatch {
  let last: number | undefined
  let busyUntil = -Infinity
  return {
    look: (dev, ownPackets, now) => {
      const packets = dev === undefined ? undefined : readLinkPackets(dev)
      if (last !== undefined && packets !== undefined && packets - last > ownPackets + SLACK_PACKETS)
        busyUntil = now + LINGER_MS
      last = packets
      return now < busyUntil
    },
  }
}
