// The routes on the nebula link, and the subnets of the peers.

export interface NebulaRouteFacts {
  readonly peerSubnets: readonly string[]
  /** Main table, routes with a next hop. */
  readonly routes: readonly { readonly dst: string; readonly dev: string }[]
  /** The nebula link. */
  readonly dev: string
}
