// Nebula as it runs: its processes and its interface.

/** A process that runs Nebula's executable, or that holds the tun device with the overlay address. */
export interface NebulaProcess {
  readonly pid: number
  /** The user that the process runs as. */
  readonly uid: number
  /** The path of its executable, as /proc/PID/exe names it. */
  readonly executable: string
  /** "1.11.0"; undefined when the executable was not asked, for the reason in `silent`. */
  readonly version: string | undefined
  readonly silent: string | undefined
  /**
   * The file or folder given with -config, as an absolute path in the view of the process; undefined without
   * one.
   */
  readonly config: string | undefined
  /** The tun devices that the process holds. */
  readonly devices: readonly string[]
  /** Whether the process runs in our network namespace. */
  readonly isHere: boolean
  /** Whether its executable is not a file of this host, as in a container. */
  readonly isContained: boolean
}

/** A link with its addresses, link-local ones left out; with prefix length, in canonical form. */
interface AddressedLink {
  readonly name: string
  readonly addresses: readonly string[]
}

/** The interface that Nebula created. */
interface NebulaLink extends AddressedLink {
  /** Administratively up, with a process behind it. */
  readonly isUp: boolean
  readonly mtuBytes: number
}

export interface NebulaState {
  readonly processes: readonly NebulaProcess[]
  /** The process that carries this host's container traffic; undefined when none does. */
  readonly own: NebulaProcess | undefined
  /** If none does: the installed Nebula that would; undefined when none is found. */
  readonly installed: { readonly executable: string; readonly version: string } | undefined
  /** The interface name in the settings; "auto" selects the link with the overlay address. */
  readonly wantedDevice: string
  readonly link: NebulaLink | undefined
  /** The other links of this host. */
  readonly otherLinks: readonly AddressedLink[]
  /** The overlay addresses of the certificate that flatnet reads, with prefix length. */
  readonly overlay: readonly string[]
  /** The host subnets in that certificate. */
  readonly subnets: readonly string[]
  readonly pools: readonly string[]
  readonly bridge: string
  /** The MTU of containers, bytes. */
  readonly containerMtuBytes: number
  /** The UDP and TCP port of the agents. */
  readonly agentPort: number
}
