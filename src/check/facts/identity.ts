import type { Prefix } from '../../addr/prefix.ts'

/** The identity of this host, from its own verified certificate. */
export interface IdentityFacts {
  readonly name: string
  /** Overlay addresses with the prefix length of their network, host bits kept. */
  readonly overlay: readonly Prefix[]
  /** The container subnets inside the pools, at most one per family. */
  readonly subnets: readonly Prefix[]
  readonly fingerprint: string
}
