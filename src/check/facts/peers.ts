import type { Peer } from '../../route/plan.ts'

/** The certificates of the peers folder: those routed to, and those refused with the reason in words. */
export interface PeersFacts {
  readonly accepted: readonly Peer[]
  /** `peer` is a file name where the certificate could not be believed, a host name where it clashes. */
  readonly refused: readonly { readonly peer: string; readonly reason: string }[]
  /** Why other hosts refuse this one; undefined: they do not. */
  readonly ownRefused: string | undefined
}
