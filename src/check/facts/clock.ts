/** What the clock can be compared with. */
export interface ClockFacts {
  /** The youngest file that was written on this host, Unix seconds, and its path; undefined when there is none. */
  readonly youngest: { readonly path: string; readonly at: number } | undefined
  readonly uptimeSeconds: number
  /** Whether somebody keeps it right: "chrony", "systemd-timesyncd"; undefined where nobody is seen to. */
  readonly keeper: string | undefined
}
