// The bridge of the containers and the links that belong on it.

export interface BridgeFacts {
  readonly name: string
  readonly exists: boolean
  readonly isUp: boolean
  /** With prefix length, as they are and as the certificate wants them. Those for one link only are left out. */
  readonly addresses: readonly string[]
  readonly wantedAddresses: readonly string[]
  /** Number of links on it, whoever made them. */
  readonly ports: number
  /** Near ends of living attachments that are on no bridge, or on another one than their record says. */
  readonly strays: readonly {
    readonly link: string
    readonly attachment: string
    readonly bridge: string
    readonly master: string | undefined
  }[]
  /** Whether containers of ours are attached, so that the bridge has to be there. */
  readonly isNeeded: boolean
}
