// The containers' bridge, and the links that belong on it.

export interface BridgeFacts {
  readonly name: string
  readonly exists: boolean
  readonly isUp: boolean
  /** What holds the bridge's name without being a bridge, and the command that frees the name. */
  readonly obstacle: { readonly problem: string; readonly remedy: string } | undefined
  /** Undefined when the bridge does not exist. */
  readonly mac: string | undefined
  /** The MAC address that ADD gives the bridge; undefined while the certificate fails verification. */
  readonly wantedMac: string | undefined
  /** Whether the host accepts router advertisements from containers (`accept_ra` of the bridge is not 0). */
  readonly acceptsAdvertisements: boolean
  /** Whether the bridge runs the spanning tree protocol. */
  readonly hasStp: boolean
  /** Ports that are not container links. Listed only where the bridge runs STP. */
  readonly otherPorts: readonly string[]
  /**
   * With prefix length: the actual addresses, and those the certificate asks for. Link-local ones are left
   * out.
   */
  readonly addresses: readonly string[]
  readonly wantedAddresses: readonly string[]
  /** Number of links on the bridge, of every origin. */
  readonly ports: number
  /** Near ends of live attachments that are on no bridge, or on a different one than their record names. */
  readonly strays: readonly {
    readonly link: string
    readonly attachment: string
    readonly bridge: string
    readonly master: string | undefined
  }[]
  /** Whether containers of ours are attached, so that the bridge must exist. */
  readonly isNeeded: boolean
}
