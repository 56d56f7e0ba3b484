import type { Prefix } from '../../addr/prefix.ts'
import type { Hop } from '../../route/plan.ts'

/** Where this host stands in the network, as an ADD would find it now. */
export interface NetworkFacts {
  /** The link that holds the overlay network; undefined while Nebula is down. */
  readonly nebulaDev: string | undefined
  readonly mtuBytes: number
  readonly gateways: readonly Hop[]
  /** A peer's overlay address (canonical text) to its own hop. */
  readonly peerGateways: ReadonlyMap<string, Hop>
  readonly bridgeAddresses: readonly Prefix[]
  readonly earlierSubnets: readonly Prefix[]
  /** Configured hops that every ADD refuses, left out above: whose (a peer's overlay address; undefined: the host's), and why. */
  readonly refusedHops: readonly { readonly peer: string | undefined; readonly problem: string }[]
}
