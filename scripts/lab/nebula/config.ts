// Renders Nebula's configuration for the places of a lab. Pure. JSON, which is also YAML (YAML 1.2, section
// 1.3).
import type { NebulaSeries } from './packages.ts'
import { FAMILY, familiesOf, NEBULA_DEVICE, NEBULA_MTU, NEBULA_PORT } from '../topology.ts'
import type { HostPlan, Topology } from '../topology.ts'

/**
 * Returns the lighthouse's configuration.
 * @param folder where its certificate is and its configuration will be
 */
export function renderLighthouseConfig(folder: string): string {
  return render({
    ...settingsOfAll(folder),
    static_host_map: {},
    lighthouse: { am_lighthouse: true, hosts: [], interval: 10 },
    tun: tunOf({}),
    firewall: { outbound: [ANYTHING], inbound: [ANYTHING] },
  })
}

/** Returns a host's configuration, with its files in /etc/nebula. */
export function renderHostConfig(topology: Topology, host: HostPlan, series: NebulaSeries): string {
  // No relay: a direct path that is cut must stay cut, to show what flatnet does then.
  const rules =
    series === '1.6' ? [ANYTHING] : pools(topology).map(({ any }) => ({ ...ANYTHING, local_cidr: any }))
  const others = topology.hosts.filter((other) => other !== host)
  return render({
    ...settingsOfAll('/etc/nebula'),
    static_host_map: { [FAMILY[4].lighthouseOverlay]: [`${FAMILY[4].lighthouse}:${NEBULA_PORT}`] },
    lighthouse: {
      am_lighthouse: false,
      hosts: [FAMILY[4].lighthouseOverlay],
      interval: 10,
      // A bridge's address must not be offered to peers as an address of this host.
      local_allow_list: {
        interfaces: { 'flatnet.*': false, 'veth.*': false, 'cni.*': false },
      },
      remote_allow_list: Object.fromEntries(pools(topology).map(({ pool }) => [pool, false])),
    },
    preferred_ranges: [FAMILY[4].wslNets],
    // A tunnel is dead after 4 to 6 s instead of 18.
    timers: { connection_alive_interval: 2, pending_deletion_interval: 4 },
    counters: { try_promote: 50 },
    // 1.6 neither follows the system's routes nor reloads its configuration, so every peer is listed. All
    // later versions learn the routes that flatnet installs in the kernel.
    tun: tunOf(
      series === '1.6' ? { unsafe_routes: others.flatMap(staticRoutes) } : { use_system_route_table: true },
    ),
    // `local_cidr` on both sides: without it, 1.10 and later drop what containers send and receive.
    firewall: { outbound: rules, inbound: rules },
    stats: {
      type: 'prometheus',
      listen: '127.0.0.1:8085',
      path: '/metrics',
      namespace: 'nebula',
      subsystem: 'host',
      interval: '5s',
    },
  })
}

const ANYTHING = { port: 'any', proto: 'any', host: 'any' }

function settingsOfAll(folder: string): Record<string, unknown> {
  return {
    pki: {
      ca: `${folder}/ca.crt`,
      cert: `${folder}/host.crt`,
      key: `${folder}/host.key`,
      disconnect_invalid: true,
    },
    listen: { host: '0.0.0.0', port: NEBULA_PORT },
    punchy: { punch: true, respond: true },
    cipher: 'aes',
    logging: { level: 'info', format: 'text' },
  }
}

function tunOf(more: Record<string, unknown>): Record<string, unknown> {
  const drop = { drop_local_broadcast: true, drop_multicast: true }
  return { dev: NEBULA_DEVICE, mtu: NEBULA_MTU, tx_queue: 500, ...drop, ...more }
}

function staticRoutes(other: HostPlan): { route: string; via: string }[] {
  return familiesOf(other).map(([, own]) => ({ route: own.subnet, via: own.overlay }))
}

function pools(topology: Topology): { pool: string; any: string }[] {
  const v4 = { pool: FAMILY[4].pool, any: '0.0.0.0/0' }
  return topology.ipv6 ? [v4, { pool: FAMILY[6].pool, any: '::/0' }] : [v4]
}

function render(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
