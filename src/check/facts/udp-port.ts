/** Whether Nebula's UDP port can be had on this host. */
export interface UdpPortFacts {
  /** Undefined: Nebula takes any. */
  readonly port: number | undefined
  readonly isNebulaRunning: boolean
  /** Whether a socket of this network namespace has it. */
  readonly isTakenHere: boolean
  /** What the kernel said when it was tried; undefined: it can be had, or was not tried. */
  readonly refusal: string | undefined
}
