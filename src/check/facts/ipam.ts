// What the state directory holds.

/** One address without prefix length, by whom it is held and how that is known. */
export interface AddressClaim {
  readonly address: string
  /** "c1 eth0 of network flatnet" */
  readonly holder: string
}

/** How many addresses can be leased, how many are, and how many of these for containers that are proven to be gone. */
export interface SubnetUse {
  readonly subnet: string
  readonly size: number
  readonly leased: number
  readonly leaked: number
}

export interface IpamFacts {
  readonly stateDir: string
  /** Host subnets of the certificate. */
  readonly subnets: readonly SubnetUse[]
  /** Addresses of the records, one entry per record and address. */
  readonly claims: readonly AddressClaim[]
  /** What is proven to be nobody's any more, and why; an empty namespace proves nothing. */
  readonly leaks: readonly { readonly what: string; readonly why: string }[]
  /** Files that cannot be read as what they should be, with the reason. */
  readonly damaged: readonly { readonly path: string; readonly problem: string }[]
  /** Files written by another version of flatnet-cni than this one understands. */
  readonly foreign: readonly { readonly path: string; readonly version: string }[]
  /** Living attachments whose lease is not there or is another's. */
  readonly withoutLease: readonly AddressClaim[]
  /** The lock while it is taken, with the seconds since its holder renewed it. */
  readonly lock: { readonly path: string; readonly ageSeconds: number } | undefined
}
