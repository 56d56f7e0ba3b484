import type { Prefix } from '../../addr/prefix.ts'

/** Who this host is, by its own verified certificate. */
export interface IdentityFacts {
  readonly name: string
  /** Overlay addresses with their networks' lengths, host bits kept. */
  readonly overlay: readonly Prefix[]
  /** The container subnets inside the pools, one per family at most. */
  readonly subnets: readonly Prefix[]
  readonly fingerprint: string
}
