// The gateway path: the hops that carry packets for other hosts' containers outside Nebula.

export interface GatewayHopFacts {
  /** The next hop; undefined when the route names a link only. */
  readonly via: string | undefined
  readonly dev: string
  /** The overlay address of the peer that uses this hop; undefined for the host's default hop. */
  readonly peer: string | undefined
  /**
   * The kernel's neighbour state after a resolution attempt: "REACHABLE", "FAILED"; undefined without an
   * entry.
   */
  readonly neighbour: string | undefined
}

export interface GatewayFacts {
  /** The value in the settings: "auto", "none" or an address. */
  readonly wanted: string
  readonly hops: readonly GatewayHopFacts[]
  /** Default routes in tables other than main, described in words. Looked up only when there is no hop. */
  readonly otherTables: readonly string[]
  /** Hops in the settings that no ADD can use, and why; `peer` as above. */
  readonly refusedHops: readonly { readonly peer: string | undefined; readonly problem: string }[]
  readonly nebulaDev: string | undefined
  /** Overlay addresses without prefix length. */
  readonly peers: readonly { readonly name: string; readonly overlay: readonly string[] }[]
  /** The overlay networks of this host. */
  readonly overlay: readonly string[]
}
