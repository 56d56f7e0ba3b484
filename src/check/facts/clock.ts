/** What the clock can be compared with. */
export interface ClockFacts {
  /**
   * The most recently written file on this host: its path, and the time in Unix seconds. Undefined without
   * one.
   */
  readonly youngest: { readonly path: string; readonly at: number } | undefined
  readonly uptimeSeconds: number
  /** The service that synchronises the clock: "chrony", "systemd-timesyncd"; undefined when none is seen. */
  readonly keeper: string | undefined
}
