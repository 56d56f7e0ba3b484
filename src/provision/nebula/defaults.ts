// What Nebula does where a key is missing (config.go and its callers, v1.6.1 to v1.11.1). Keys whose default
// differs between these versions are left out: they should be written.

import type { YamlValue } from './setting.ts'

/** Maps "section.key" to the value that Nebula takes without it. */
export const NEBULAS_OWN: Readonly<Record<string, YamlValue>> = {
  'pki.blocklist': [],
  static_host_map: {},
  'lighthouse.am_lighthouse': false,
  'lighthouse.hosts': [],
  'lighthouse.serve_dns': false,
  'listen.port': 0,
  'listen.send_recv_error': 'always',
  preferred_ranges: [],
  'relay.am_relay': false,
  'relay.use_relays': true,
  'relay.relays': [],
  'tun.disabled': false,
  'tun.mtu': 1300,
  'tun.tx_queue': 500,
  'tun.drop_local_broadcast': false,
  'tun.drop_multicast': false,
  'tun.use_system_route_table': false,
  'tun.unsafe_routes': [],
  cipher: 'aes',
  'timers.connection_alive_interval': 5,
  'timers.pending_deletion_interval': 10,
  'counters.try_promote': 1000,
  'tunnels.drop_inactive': false,
  'handshakes.try_interval': '100ms',
  'handshakes.retries': 10,
  'firewall.outbound_action': 'drop',
  'firewall.inbound_action': 'drop',
  'firewall.conntrack': { tcp_timeout: '12m', udp_timeout: '3m', default_timeout: '10m' },
  'sshd.enabled': false,
  'logging.level': 'info',
  'logging.format': 'text',
}
