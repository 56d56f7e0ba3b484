// Nebula as it runs: its processes and its link.

/** One process whose executable is Nebula's, or that holds the tun device with the overlay address. */
export interface NebulaProcess {
  readonly pid: number
  /** The user that it runs as. */
  readonly uid: number
  /** Where its executable lies, as /proc/PID/exe names it. */
  readonly executable: string
  /** "1.11.0"; undefined when the executable was not asked, for the reason in `silent`. */
  readonly version: string | undefined
  readonly silent: string | undefined
  /** The file or folder that it was given with -config, absolute, as it sees it; undefined when none was. */
  readonly config: string | undefined
  /** Tun devices that it holds. */
  readonly devices: readonly string[]
  /** Whether it lives in this network namespace. */
  readonly isHere: boolean
  /** Whether its executable is none of this host's files, as in a container. */
  readonly isContained: boolean
}

/** A link with its addresses, those for one link only left out; with prefix length, canonical. */
export interface AddressedLink {
  readonly name: string
  readonly addresses: readonly string[]
}

/** The link that Nebula made. */
export interface NebulaLink extends AddressedLink {
  /** Administratively up, and with a process behind it. */
  readonly isUp: boolean
  readonly mtuBytes: number
}

export interface NebulaState {
  readonly processes: readonly NebulaProcess[]
  /** The one that this host's containers go through; undefined when none does. */
  readonly own: NebulaProcess | undefined
  /** Where none does: the Nebula that is installed and would; undefined when none is found. */
  readonly installed: { readonly executable: string; readonly version: string } | undefined
  /** What the settings say of the link's name; "auto": the link with the overlay address. */
  readonly wantedDevice: string
  readonly link: NebulaLink | undefined
  /** The other links of this host. */
  readonly otherLinks: readonly AddressedLink[]
  /** Overlay addresses of the certificate that flatnet reads, with prefix length. */
  readonly overlay: readonly string[]
  /** Host subnets of it. */
  readonly subnets: readonly string[]
  readonly pools: readonly string[]
  readonly bridge: string
  /** The MTU that containers get, bytes. */
  readonly containerMtuBytes: number
  /** UDP and TCP port of the agents. */
  readonly agentPort: number
}
