import type { Peer } from '../../route/plan.ts'

/** The certificates in the peers folder: those with routes, and those refused, with the reason in words. */
export interface PeersFacts {
  readonly accepted: readonly Peer[]
  /**
   * `peer` is a file name where the certificate failed verification, a host name where it conflicts with
   * another.
   */
  readonly refused: readonly { readonly peer: string; readonly reason: string }[]
  /** Why other hosts refuse this one; undefined when they do not. */
  readonly ownRefused: string | undefined
}
