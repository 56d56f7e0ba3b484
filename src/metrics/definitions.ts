// All metrics of the agent, with the help text that operators read. docs/grafana/flatnet.json is tested
// against them. Names and units follow https://prometheus.io/docs/practices/naming/.

/** The definition of a metric. `labels` are in output order; `buckets` are ascending upper bounds. */
export interface Definition {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  readonly buckets?: readonly number[]
}

// In seconds. Office LANs answer below 1 ms, a relay across a city in 30 ms; 0.8 s is the silence deadline, 1
// s the latency limit.
const RTT_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1, 2.5] as const

/** The definitions by name. */
export const METRICS = {
  flatnet_build_info: {
    kind: 'gauge',
    help: 'Always 1; the labels name the build of the running agent.',
    labels: ['version', 'commit', 'node'],
  },
  flatnet_path_state: {
    kind: 'gauge',
    help: "Phase of a peer's path: 1 for the current phase, 0 for the other three.",
    labels: ['peer', 'state'],
  },
  flatnet_path_transitions_total: {
    kind: 'counter',
    help:
      "Phase changes of a peer's path, by phase entered and reason. " +
      'A better reason found later is in the history only.',
    labels: ['peer', 'to', 'reason'],
  },
  flatnet_probe_sent_total: {
    kind: 'counter',
    help: 'Probes sent, by peer and lane.',
    labels: ['peer', 'lane'],
  },
  flatnet_probe_lost_total: {
    kind: 'counter',
    help: 'Probes not answered in time, by peer and lane.',
    labels: ['peer', 'lane'],
  },
  flatnet_probe_rtt_seconds: {
    kind: 'histogram',
    help: 'Round-trip time of answered probes, by peer and lane.',
    labels: ['peer', 'lane'],
    buckets: RTT_BUCKETS,
  },
  flatnet_probe_refused_total: {
    kind: 'counter',
    help: 'Messages and certificates from other hosts that were refused, by cause.',
    labels: ['why'],
  },
  flatnet_peers: {
    kind: 'gauge',
    help: 'Hosts whose certificate is accepted, by source.',
    labels: ['source'],
  },
  flatnet_peers_refused: {
    kind: 'gauge',
    help: 'Hosts whose certificate is refused: expired, blocklisted, untrusted or overlapping.',
    labels: [],
  },
  flatnet_certificate_expiry_timestamp_seconds: {
    kind: 'gauge',
    help: 'Expiry of a Nebula certificate, Unix time; peer="self" is the certificate of this host.',
    labels: ['peer'],
  },
  flatnet_leases: {
    kind: 'gauge',
    help: 'Container addresses leased on this host.',
    labels: [],
  },
  flatnet_gc_removed_total: {
    kind: 'counter',
    help: 'Leftovers of dead containers removed, by kind.',
    labels: ['kind'],
  },
  flatnet_gc_runs_total: {
    kind: 'counter',
    help: 'Garbage collections completed.',
    labels: [],
  },
  flatnet_gc_failures_total: {
    kind: 'counter',
    help: 'Leftovers of dead containers that could not be removed, and garbage collections that failed.',
    labels: [],
  },
  flatnet_exchange_pulls_total: {
    kind: 'counter',
    help: 'Requests to other hosts for the certificates they know, by result: list, unchanged or failed.',
    labels: ['result'],
  },
  flatnet_exchange_announcements_total: {
    kind: 'counter',
    help: "Announcements of this host's certificate to other hosts, by result: taken, refused or failed.",
    labels: ['result'],
  },
  flatnet_exchange_learnt_total: {
    kind: 'counter',
    help: 'New certificates of other hosts.',
    labels: [],
  },
  flatnet_registry_containers: {
    kind: 'gauge',
    help:
      'Containers in the registry, by host; peer="self" is this host. 0 while those of a host are not ' +
      'known.',
    labels: ['peer'],
  },
  flatnet_http_gateways: {
    kind: 'gauge',
    help: 'HTTP Gateways of other hosts, by state: up, down, stranger or unknown. All 0 without an own one.',
    labels: ['state'],
  },
  flatnet_registry_updates_total: {
    kind: 'counter',
    help:
      'Container states told to other hosts (push), asked of them (pull) and told by them (received), by ' +
      'result.',
    labels: ['way', 'result'],
  },
  flatnet_names_answers_total: {
    kind: 'counter',
    help: "DNS questions of this host's containers, by where the answer comes from: registry or forwarded.",
    labels: ['from'],
  },
  flatnet_route_changes_total: {
    kind: 'counter',
    help: 'Routes added or deleted by the agent.',
    labels: [],
  },
  flatnet_agent_stalls_total: {
    kind: 'counter',
    help: 'Stalls of the agent itself, which it does not count against peers.',
    labels: [],
  },
  flatnet_agent_closed_ports: {
    kind: 'gauge',
    help: 'Addresses whose port the agent cannot open, for example because another program has it.',
    labels: ['protocol'],
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
    help: 'Start of the agent, Unix time.',
    labels: [],
  },
  process_open_fds: {
    kind: 'gauge',
    help: 'Open file descriptors of the agent.',
    labels: [],
  },
} as const satisfies Readonly<Record<string, Definition>>

/** The name of a metric. */
export type MetricName = keyof typeof METRICS

/** The values of a metric's labels. */
export type LabelsOf<Name extends MetricName> = Readonly<
  Record<(typeof METRICS)[Name]['labels'][number], string>
>
