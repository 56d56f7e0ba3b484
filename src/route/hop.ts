// The gateway hop, in every form that a default route can have. Pure.

import { type Family, formatIp, type Ip } from '../addr/ip.ts'

/** A next hop on a link. */
export interface Hop {
  /**
   * The neighbour, also for IPv4 packets via an IPv6 neighbour (RFC 8950). Undefined if the link alone leads
   * there, as with ppp0.
   */
  readonly via: Ip | undefined
  readonly dev: string
  /** The family of the packets, if it is not the neighbour's. */
  readonly family?: Family
  /**
   * No network of the link contains the neighbour, so the kernel must be told to treat it as one
   * (ip-route(8), onlink).
   */
  readonly onLink?: true
}

/** Returns the family of the packets that a hop is for. */
export function hopFamily({ via, family }: Hop): Family | undefined {
  return family ?? via?.family
}

/** Formats a hop for people: "192.168.1.1 on eth0", "ppp0, without a next hop". */
export function formatHop({ via, dev, onLink }: Hop): string {
  if (via === undefined) return `${dev}, without a next hop`
  return `${formatIp(via)} on ${dev}${onLink === true ? ' (onlink)' : ''}`
}
