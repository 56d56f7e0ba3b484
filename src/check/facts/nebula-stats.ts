// What Nebula counts, from its Prometheus listener on loopback.

/** Sums of one reading by the name without namespace and subsystem: "firewall_incoming_dropped_no_rule". */
export type DropCounters = ReadonlyMap<string, number>

export interface NebulaStatsFacts {
  /** Why there are no figures; undefined when there are. */
  readonly absent: string | undefined
  readonly url: string
  /** As they were at an earlier look; as they are where there was none. */
  readonly before: DropCounters
  readonly after: DropCounters
  /** Seconds between the two; 0 where there was no earlier look. */
  readonly seconds: number
  /** Seconds until the certificate in use ends; undefined where this Nebula does not say. */
  readonly certificateTtlSeconds: number | undefined
}
