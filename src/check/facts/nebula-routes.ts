// The routes on the Nebula interface, and the subnets of the peers.

export interface NebulaRouteFacts {
  readonly peerSubnets: readonly string[]
  /** Routes of the main table that have a next hop. */
  readonly routes: readonly { readonly dst: string; readonly dev: string }[]
  /** The Nebula interface. */
  readonly dev: string
}
