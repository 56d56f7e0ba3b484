// The nft side of published ports. The rules are written once and look ports up in maps, so neither a packet
// nor an ADD gets more expensive with the number of ports.
//
//   ports      protocol . port → address . port                for all addresses of the host
//   ports-at   address . protocol . port → address . port      for one of them
//   local      the host's own addresses; traffic that is only forwarded is never redirected
//   bridges    the bridges of all flatnet networks of this host
//   zones      protocol . port → connection tracking zone      likewise zones-at, for one address
//   errors     the same for the packet that an ICMP error quotes, likewise errors-at
//
// The kernel sends each packet of a known connection where the first one went, as long as packets keep
// coming, regardless of what the maps say by then. Only ctnetlink can delete a connection, and neither ip nor
// nft speaks it. So every publication gets its own zone, because the same packets in another zone are another
// connection (nft(8), CT STATEMENT). After a port is withdrawn or reassigned, its packets are matched against
// the maps again. The kernel's old entry for the earlier connection is never found again and expires.

import type { Family } from '../../addr/ip.ts'
import { formatPrefix, type Prefix } from '../../addr/prefix.ts'
import { familyName, TABLE } from '../nft-table.ts'

/** The inputs of the rules of one family. */
interface PortRulesInputs {
  readonly family: Family
  readonly bridge: string
  /** This host's own addresses, without overlaps. */
  readonly local: readonly Prefix[]
}

// An ICMP error belongs to the connection of the packet that it quotes, so it needs the same zone. Without
// it, path MTU discovery (RFC 1191, RFC 8201) would fail for published ports. The host sent the quoted
// packet, so its source port is the host port. The quote starts after 8 bytes of ICMP (RFC 792, RFC 4443
// section 3) and is assumed to have no options or extension headers.
const QUOTED: Readonly<
  Record<Family, { readonly protocol: string; readonly types: string; readonly port: string }>
> = {
  4: {
    protocol: 'icmp',
    types: 'icmp type { destination-unreachable, time-exceeded, parameter-problem }',
    port: '@th,136,8 . @th,224,16',
  },
  6: {
    // A keyword of nft. The usual name needs /etc/protocols, which a small Debian lacks (package netbase).
    protocol: 'icmpv6',
    types: 'icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem }',
    port: '@th,112,8 . @th,384,16',
  },
}

/** Renders sets, maps and rules. The elements of the maps stay unchanged. */
export function renderPortRules({ family, bridge, local }: PortRulesInputs): string {
  const ip = familyName(family)
  const table = `${ip} ${TABLE}`
  const address = family === 4 ? 'ipv4_addr' : 'ipv6_addr'
  const target = `${address} . inet_service`
  const port = 'meta l4proto . th dport'
  const zone = 'ct original zone set'
  const quoted = QUOTED[family]
  const error = `meta l4proto ${quoted.protocol} ${quoted.types}`
  const own = local.filter((prefix) => prefix.family === family).map(formatPrefix)
  const lines = [
    `add set ${table} local { type ${address}; flags interval; }`,
    `flush set ${table} local`,
    ...(own.length === 0 ? [] : [`add element ${table} local { ${own.join(', ')} }`]),
    `add set ${table} bridges { type ifname; }`,
    `add element ${table} bridges { "${bridge}" }`,
    `add map ${table} ports { type inet_proto . inet_service : ${target}; }`,
    `add map ${table} ports-at { type ${address} . inet_proto . inet_service : ${target}; }`,
    `add map ${table} zones { typeof ${port} : ct zone; }`,
    `add map ${table} zones-at { typeof ${ip} daddr . ${port} : ct zone; }`,
    `add map ${table} errors { typeof ${quoted.port} : ct zone; }`,
    `add map ${table} errors-at { typeof ${ip} daddr . ${quoted.port} : ct zone; }`,
    `add chain ${table} ports`,
    `add chain ${table} zones`,
    `add chain ${table} ports-in { type nat hook prerouting priority dstnat; policy accept; }`,
    // nft knows the name dstnat only in prerouting. NF_IP_PRI_NAT_DST is -100.
    `add chain ${table} ports-out { type nat hook output priority -100; policy accept; }`,
    // Run before connection tracking, which needs to know the zone.
    `add chain ${table} early-in { type filter hook prerouting priority raw; policy accept; }`,
    `add chain ${table} early-out { type filter hook output priority raw; policy accept; }`,
    ...['ports', 'zones', 'ports-in', 'ports-out', 'early-in', 'early-out'].map(
      (chain) => `flush chain ${table} ${chain}`,
    ),
    `add rule ${table} ports dnat ${ip} addr . port to ${ip} daddr . ${port} map @ports-at`,
    `add rule ${table} ports dnat ${ip} addr . port to ${port} map @ports`,
    // The first zone assigned to a packet is final, so more specific maps come first.
    `add rule ${table} zones ${zone} ${ip} daddr . ${port} map @zones-at`,
    `add rule ${table} zones ${zone} ${port} map @zones`,
    `add rule ${table} zones ${error} ${zone} ${ip} daddr . ${quoted.port} map @errors-at`,
    `add rule ${table} zones ${error} ${zone} ${quoted.port} map @errors`,
    ...['in', 'out'].flatMap((way) => [
      `add rule ${table} ports-${way} ${ip} daddr @local jump ports`,
      `add rule ${table} early-${way} ${ip} daddr @local jump zones`,
    ]),
    ...(family === 4 ? guardLoopback(table) : []),
  ]
  return `${lines.join('\n')}\n`
}

// With route_localnet on, the kernel accepts 127.0.0.0/8 from a bridge, and a container that forges packets
// would reach the host's loopback services (RFC 1122, section 3.2.1.3 forbids such addresses on any link).
function guardLoopback(table: string): readonly string[] {
  return ['saddr', 'daddr'].map(
    (side) => `add rule ${table} early-in iifname @bridges ip ${side} 127.0.0.0/8 drop`,
  )
}

/**
 * Renders the rules in the bridge's postrouting chain. They masquerade, because an answer must return through
 * the host, where the destination was translated. A container would answer its neighbour directly, could not
 * answer itself at all, and would send answers for 127.0.0.1 nowhere.
 * @param source the containers' subnets in nft syntax
 */
export function renderHairpin(
  chain: string,
  { bridge, family, source }: { bridge: string; family: Family; source: string },
): readonly string[] {
  const out = `add rule ${chain} oifname "${bridge}"`
  return [
    `${out} ct status dnat ${familyName(family)} saddr ${source} masquerade`,
    ...(family === 4 ? [`${out} ip saddr 127.0.0.0/8 masquerade`] : []),
  ]
}
