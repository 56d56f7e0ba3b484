// The published ports that clients do not reach where they expect to.

/** One published port, and what stands in its way. */
interface PortTrouble {
  /** "tcp 8080", "udp 127.0.0.1:53" */
  readonly port: string
  /** "c1 eth0 of network flatnet" */
  readonly attachment: string
}

export interface PublishedPortsFacts {
  /** Number of published ports, of all containers. */
  readonly count: number
  /**
   * Those that a program of the host listens on: "nginx (process 412) of this host listens on 0.0.0.0:80".
   */
  readonly contested: readonly (PortTrouble & { readonly program: string })[]
  /** Those on an address that this host does not have. */
  readonly absent: readonly (PortTrouble & { readonly address: string })[]
}
