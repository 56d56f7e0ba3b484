import type { Prefix } from '../../addr/prefix.ts'
import type { Hop } from '../../route/hop.ts'

/** The links and next hops that an ADD would find now. */
export interface NetworkFacts {
  /** The link that holds the overlay network; undefined while Nebula is down. */
  readonly nebulaDev: string | undefined
  readonly mtuBytes: number
  readonly gateways: readonly Hop[]
  /** Maps a peer's overlay address (canonical text) to the hop configured for that peer. */
  readonly peerGateways: ReadonlyMap<string, Hop>
  readonly bridgeAddresses: readonly Prefix[]
  readonly earlierSubnets: readonly Prefix[]
  /**
   * Configured hops that every ADD refuses, left out above. `peer` is the peer's overlay address; undefined
   * for the host's default hop.
   */
  readonly refusedHops: readonly { readonly peer: string | undefined; readonly problem: string }[]
}
