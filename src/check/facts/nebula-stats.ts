// Nebula's counters, from its Prometheus listener on loopback.

/**
 * The sums from one reading, keyed by the name without namespace and subsystem:
 * "firewall_incoming_dropped_no_rule".
 */
type DropCounters = ReadonlyMap<string, number>

export interface NebulaStatsFacts {
  /** Why there are no figures; undefined when there are. */
  readonly absent: string | undefined
  readonly url: string
  /** The counters at an earlier reading; the current ones when there was none. */
  readonly before: DropCounters
  readonly after: DropCounters
  /** Seconds between the two readings; 0 when there was no earlier one. */
  readonly seconds: number
  /**
   * Seconds until the certificate in use expires; undefined where this version of Nebula does not report it.
   */
  readonly certificateTtlSeconds: number | undefined
}
