// The routes on the nebula link, and the subnets of the peers.

export interface NebulaRouteFacts {
  readonly peerSubnets: readonly string[]
  /** Main table, routes with a next hop; `isOurs`: with flatnet's protocol number. */
  readonly routes: readonly {
    readonly dst: string
    readonly via: string
    readonly dev: string
    readonly metric: number
    readonly isOurs: boolean
  }[]
  /** The nebula link. */
  readonly dev: string
}
