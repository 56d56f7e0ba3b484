// Every metric the agent offers, with the help text that operators read. docs/grafana/flatnet.json is tested against it.
// Names and units follow https://prometheus.io/docs/practices/naming/.

/** A metric as it is announced. `labels` in the order in which they are printed; `buckets` are upper bounds, ascending. */
export interface Definition {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  readonly buckets?: readonly number[]
}

// Seconds. Office LANs answer below 1 ms, a relay across a city in 30; 0.8 s is the silence deadline, 1 s the latency limit.
const RTT_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1, 2.5] as const

/** By name. */
export const METRICS = {
  flatnet_build_info: {
    kind: 'gauge',
    help: 'Always 1; the labels tell which build of the agent runs.',
    labels: ['version', 'commit', 'node'],
  },
  flatnet_path_state: {
    kind: 'gauge',
    help: "The phase of a peer's path: 1 for the phase it is in, 0 for the three others.",
    labels: ['peer', 'state'],
  },
  flatnet_path_transitions_total: {
    kind: 'counter',
    help: "Changes of a peer's phase, by the phase entered and the reason; a better reason found later is in the history only.",
    labels: ['peer', 'to', 'reason'],
  },
  flatnet_probe_sent_total: {
    kind: 'counter',
    help: 'Probes sent, by peer and lane.',
    labels: ['peer', 'lane'],
  },
  flatnet_probe_lost_total: {
    kind: 'counter',
    help: 'Probes that were not answered in time, by peer and lane.',
    labels: ['peer', 'lane'],
  },
  flatnet_probe_rtt_seconds: {
    kind: 'histogram',
    help: 'Round trip of answered probes, by peer and lane.',
    labels: ['peer', 'lane'],
    buckets: RTT_BUCKETS,
  },
  flatnet_probe_refused_total: {
    kind: 'counter',
    help: 'Received messages, certificates and containers of other hosts that were not believed, by cause.',
    labels: ['why'],
  },
  flatnet_peers: {
    kind: 'gauge',
    help: 'Hosts whose certificate is accepted, by where it came from.',
    labels: ['source'],
  },
  flatnet_peers_refused: {
    kind: 'gauge',
    help: 'Hosts whose certificate is refused: expired, blocklisted, untrusted or overlapping.',
    labels: [],
  },
  flatnet_certificate_expiry_timestamp_seconds: {
    kind: 'gauge',
    help: 'When a Nebula certificate ends, Unix time; peer="self" is the one of this host.',
    labels: ['peer'],
  },
  flatnet_leases: {
    kind: 'gauge',
    help: 'Container addresses leased on this host.',
    labels: [],
  },
  flatnet_gc_removed_total: {
    kind: 'counter',
    help: 'Things of dead containers that were removed, by kind.',
    labels: ['kind'],
  },
  flatnet_gc_runs_total: {
    kind: 'counter',
    help: 'Garbage collections done.',
    labels: [],
  },
  flatnet_gc_failures_total: {
    kind: 'counter',
    help: 'Things of dead containers that could not be removed, and collections that failed.',
    labels: [],
  },
  flatnet_exchange_pulls_total: {
    kind: 'counter',
    help: 'Hosts asked for the certificates they know, by what came: list, unchanged or failed.',
    labels: ['result'],
  },
  flatnet_exchange_announcements_total: {
    kind: 'counter',
    help: 'Hosts told the certificate of this one, by what became of it: taken, refused or failed.',
    labels: ['result'],
  },
  flatnet_exchange_learnt_total: {
    kind: 'counter',
    help: 'Certificates of other hosts that were new.',
    labels: [],
  },
  flatnet_route_changes_total: {
    kind: 'counter',
    help: 'Routes added or deleted by the agent.',
    labels: [],
  },
  flatnet_agent_stalls_total: {
    kind: 'counter',
    help: 'Times the agent itself stood still, noticed and not held against peers.',
    labels: [],
  },
  process_cpu_seconds_total: {
    kind: 'counter',
    help: 'User and system processor time of the agent.',
    labels: [],
  },
  process_resident_memory_bytes: {
    kind: 'gauge',
    help: 'Resident memory of the agent.',
    labels: [],
  },
  process_start_time_seconds: {
    kind: 'gauge',
    help: 'When the agent started, Unix time.',
    labels: [],
  },
  process_open_fds: {
    kind: 'gauge',
    help: 'Open file descriptors of the agent.',
    labels: [],
  },
} as const satisfies Readonly<Record<string, Definition>>

/** The metrics this program has. */
export type MetricName = keyof typeof METRICS

/** The values of a metric's labels. */
export type LabelsOf<Name extends MetricName> = Readonly<
  Record<(typeof METRICS)[Name]['labels'][number], string>
>
