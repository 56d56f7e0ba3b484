// The contents of the state directory.

/** One address without prefix length, its holder, and how the holder is known. */
export interface AddressClaim {
  readonly address: string
  /** "c1 eth0 of network flatnet" */
  readonly holder: string
}

/**
 * The number of addresses that can be leased, of those that are, and of leases held by containers proven
 * dead.
 */
interface SubnetUse {
  readonly subnet: string
  readonly size: number
  readonly leased: number
  readonly leaked: number
}

export interface IpamFacts {
  readonly stateDir: string
  /** The host subnets of the certificate. */
  readonly subnets: readonly SubnetUse[]
  /** The addresses in the records, one entry per record and address. */
  readonly claims: readonly AddressClaim[]
  /** Leftovers proven to belong to no living container, and the proof. An empty namespace proves nothing. */
  readonly leaks: readonly { readonly what: string; readonly why: string }[]
  /** Files that cannot be parsed as what they should be, with the reason. */
  readonly damaged: readonly { readonly path: string; readonly problem: string }[]
  /** Files written by a version of flatnet-cni that this one does not understand. */
  readonly foreign: readonly { readonly path: string; readonly version: string }[]
  /** Live attachments whose lease is missing or belongs to another attachment. */
  readonly withoutLease: readonly AddressClaim[]
  /**
   * The lock while it is held, with the seconds since its holder last renewed it, and what became of the
   * holder.
   */
  readonly lock:
    | {
        readonly path: string
        readonly ageSeconds: number
        readonly pid: number | undefined
        readonly fate: 'runs' | 'ended' | 'unknown'
      }
    | undefined
}
