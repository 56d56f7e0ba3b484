// What Nebula counts, from its Prometheus listener on loopback.

/** Sums of one reading by the name without namespace and subsystem: "firewall_incoming_dropped_no_rule". */
export type DropCounters = ReadonlyMap<string, number>

export interface NebulaStatsFacts {
  /** Why there are no figures; undefined when there are. */
  readonly absent: string | undefined
  readonly url: string
  readonly before: DropCounters
  readonly after: DropCounters
  /** Seconds between the two. */
  readonly seconds: number
  /** Seconds until the certificate in use ends; undefined where this Nebula does not say. */
  readonly certificateTtlSeconds: number | undefined
}
