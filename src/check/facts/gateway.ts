// The gateway path: the hops that packets for other hosts' containers take beside Nebula.

export interface GatewayHopFacts {
  readonly via: string
  readonly dev: string
  /** The peer it is for, by overlay address; undefined for the host's own. */
  readonly peer: string | undefined
  /** What the kernel knows of the neighbour after it was asked for: "REACHABLE", "FAILED"; undefined: nothing. */
  readonly neighbour: string | undefined
}

export interface GatewayFacts {
  /** What the settings say: "auto", "none", an address. */
  readonly wanted: string
  readonly hops: readonly GatewayHopFacts[]
  /** Hops of the settings that no ADD can use, and why; `peer` as above. */
  readonly refusedHops: readonly { readonly peer: string | undefined; readonly problem: string }[]
  readonly nebulaDev: string | undefined
  /** Overlay addresses without prefix length. */
  readonly peers: readonly { readonly name: string; readonly overlay: readonly string[] }[]
  /** The overlay networks of this host. */
  readonly overlay: readonly string[]
}
