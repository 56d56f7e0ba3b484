/** Whether Nebula's UDP port is available on this host. */
export interface UdpPortFacts {
  /** Undefined when Nebula picks a random port. */
  readonly port: number | undefined
  readonly isNebulaRunning: boolean
  /** Whether a socket in this network namespace is bound to it. */
  readonly isTakenHere: boolean
  /** The kernel's error for a trial bind; undefined when the port is free, or when no bind was tried. */
  readonly refusal: string | undefined
}
