// The agent's metrics: some are counted as they happen, others are looked up for each scrape.

import { buildInfo } from '../../build-info.ts'
import { processUsage } from '../../kernel/usage.ts'
import { count, createRegistry, forget, observe, type Registry, series, set } from '../../metrics/registry.ts'
import { showPhase } from '../../metrics/phase.ts'
import { render } from '../../metrics/render.ts'
import type { Contact } from '../../http-gateway/recognition.ts'
import type { Transition } from '../../paths/escalation/state.ts'
import type { ClosedPort } from '../../views/paths.ts'
import type { ExchangeCount } from '../exchange/counts.ts'
import type { RegistryCount } from '../registry/conversations.ts'
import type { GarbageCount } from '../upkeep/garbage.ts'
import { type AgentPeer, MEASURED, type MeasuredLane } from '../peers/peer.ts'

/** Values that are only known at the time of a scrape. */
export interface MeterInputs {
  readonly peers: Iterable<AgentPeer>
  readonly refusedPeers: number
  /** Unix seconds. */
  readonly ownExpiry: number
  readonly leases: number
  readonly garbage: GarbageCount
  readonly closedPorts: readonly ClosedPort[]
  /** Containers in the registry by host; "self" is this host. */
  readonly containers: ReadonlyMap<string, number>
  /** The states of other hosts' HTTP Gateways. */
  readonly httpGateways: readonly Contact['state'][]
}

export interface Meters {
  readonly refused: (why: string) => void
  readonly exchanged: (what: ExchangeCount) => void
  readonly registered: (what: RegistryCount) => void
  readonly named: (from: 'registry' | 'forwarded') => void
  readonly answered: (peer: AgentPeer, lane: MeasuredLane, rttMs: number) => void
  readonly changed: (peer: AgentPeer, transition: Transition) => void
  readonly routesChanged: (count: number) => void
  readonly stalled: () => void
  readonly text: (inputs: MeterInputs) => string
}

export function makeMeters(): Meters {
  const registry = createRegistry()
  let shown = new Set<string>()
  const { version, commit } = buildInfo()
  set(series(registry, 'flatnet_build_info', { version, commit, node: process.versions.node }), 1)
  return {
    refused: (why) => count(series(registry, 'flatnet_probe_refused_total', { why })),
    exchanged: (what) => exchanged(registry, what),
    registered: ({ way, result }) =>
      count(series(registry, 'flatnet_registry_updates_total', { way, result })),
    named: (from) => count(series(registry, 'flatnet_names_answers_total', { from })),
    answered: (peer, lane, rttMs) => observe(rttSeries(registry, peer, lane), rttMs / 1000),
    changed: (peer, { to, reason }) =>
      count(series(registry, 'flatnet_path_transitions_total', { peer: nameOf(peer), to, reason })),
    routesChanged: (changes) => count(series(registry, 'flatnet_route_changes_total', {}), changes),
    stalled: () => count(series(registry, 'flatnet_agent_stalls_total', {})),
    text: (inputs) => {
      // Drops the series of peers that left or were renamed. Otherwise they would report their last state
      // forever. Two hosts with the same name share a series.
      const peers = [...inputs.peers]
      const present = new Set(peers.map(nameOf))
      for (const name of shown) if (!present.has(name)) forget(registry, 'peer', name)
      shown = present
      look(registry, { ...inputs, peers })
      return render(registry)
    },
  }
}

function exchanged(registry: Registry, what: ExchangeCount): void {
  switch (what.kind) {
    case 'pull':
      return count(series(registry, 'flatnet_exchange_pulls_total', { result: what.result }))
    case 'announce':
      return count(series(registry, 'flatnet_exchange_announcements_total', { result: what.result }))
    case 'learnt':
      return count(series(registry, 'flatnet_exchange_learnt_total', {}))
    case 'refused':
      return count(series(registry, 'flatnet_probe_refused_total', { why: `certificate-${what.why}` }))
  }
}

function nameOf({ contact }: AgentPeer): string {
  return contact.facts.name
}

function rttSeries(registry: Registry, peer: AgentPeer, lane: MeasuredLane) {
  const name = nameOf(peer)
  const known = peer.rttSeries[lane]
  // A new certificate may give the host another name.
  if (known?.labels['peer'] === name) return known
  return (peer.rttSeries[lane] = series(registry, 'flatnet_probe_rtt_seconds', { peer: name, lane }))
}

function look(registry: Registry, inputs: MeterInputs): void {
  const sources = new Map<string, number>()
  for (const peer of inputs.peers) {
    const name = nameOf(peer)
    showPhase(registry, name, peer.path.phase)
    const { notAfter } = peer.contact.facts
    set(series(registry, 'flatnet_certificate_expiry_timestamp_seconds', { peer: name }), notAfter)
    for (const lane of MEASURED) {
      const { sent, lost } = peer.counts[lane]
      set(series(registry, 'flatnet_probe_sent_total', { peer: name, lane }), sent)
      set(series(registry, 'flatnet_probe_lost_total', { peer: name, lane }), lost)
    }
    const source = peer.contact.source.startsWith('/') ? 'file' : 'learnt'
    sources.set(source, (sources.get(source) ?? 0) + 1)
  }
  for (const source of ['file', 'learnt'])
    set(series(registry, 'flatnet_peers', { source }), sources.get(source) ?? 0)
  set(series(registry, 'flatnet_peers_refused', {}), inputs.refusedPeers)
  set(series(registry, 'flatnet_certificate_expiry_timestamp_seconds', { peer: 'self' }), inputs.ownExpiry)
  set(series(registry, 'flatnet_leases', {}), inputs.leases)
  for (const [name, containers] of inputs.containers)
    set(series(registry, 'flatnet_registry_containers', { peer: name }), containers)
  for (const state of ['up', 'down', 'stranger', 'unknown'] as const) {
    const found = inputs.httpGateways.filter((each) => each === state)
    set(series(registry, 'flatnet_http_gateways', { state }), found.length)
  }
  for (const protocol of ['udp', 'tcp'] as const) {
    const closed = inputs.closedPorts.filter((each) => each.protocol === protocol)
    set(series(registry, 'flatnet_agent_closed_ports', { protocol }), closed.length)
  }
  set(series(registry, 'flatnet_gc_runs_total', {}), inputs.garbage.runs)
  set(series(registry, 'flatnet_gc_failures_total', {}), inputs.garbage.failures)
  for (const [kind, removed] of inputs.garbage.removed)
    set(series(registry, 'flatnet_gc_removed_total', { kind }), removed)
  const { cpuSeconds, residentBytes, startSeconds, openFds } = processUsage()
  set(series(registry, 'process_cpu_seconds_total', {}), cpuSeconds)
  set(series(registry, 'process_resident_memory_bytes', {}), residentBytes)
  set(series(registry, 'process_start_time_seconds', {}), startSeconds)
  set(series(registry, 'process_open_fds', {}), openFds)
}
