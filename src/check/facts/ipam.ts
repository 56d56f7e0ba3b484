// What the state directory holds.

/** One address without prefix length, by whom it is held and how that is known. */
export interface AddressClaim {
  readonly address: string
  /** "c1 eth0 of network flatnet" */
  readonly holder: string
}

export interface IpamFacts {
  readonly stateDir: string
  /** Host subnets of the certificate, with the number of addresses that can be leased and that are. */
  readonly subnets: readonly { readonly subnet: string; readonly size: number; readonly leased: number }[]
  /** Addresses of the records, one entry per record and address. */
  readonly claims: readonly AddressClaim[]
  /** What `flatnet-cni gc` would remove, and why. */
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
