// The nft side of published ports: rules that are written once and look ports up in maps. What a packet costs and what an ADD costs does not grow with the number of ports.
//
//   ports      protocol . port → address . port                for all addresses of the host
//   ports-at   address . protocol . port → address . port      for one of them
//   local      the host's own addresses: nothing that is only forwarded is ever redirected
//   bridges    the bridges of all flatnet networks of this host
//   stale      UDP flows that began before their port belonged to whom it belongs now

import type { Family } from '../addr/ip.ts'
import { formatPrefix, type Prefix } from '../addr/prefix.ts'
import { familyName, TABLE } from './nft-table.ts'

/** What the rules of one family follow from. */
export interface PortRulesInputs {
  readonly family: Family
  readonly bridge: string
  /** This host's own addresses, no two of which overlap. */
  readonly local: readonly Prefix[]
}

/** Sets, maps and rules; the maps' elements are left as they are. */
export function renderPortRules({ family, bridge, local }: PortRulesInputs): string {
  const ip = familyName(family)
  const table = `${ip} ${TABLE}`
  const address = family === 4 ? 'ipv4_addr' : 'ipv6_addr'
  const target = `${address} . inet_service`
  const port = 'meta l4proto . th dport'
  const flow = `${ip} saddr . udp sport . ${ip} daddr . udp dport`
  const own = local.filter((prefix) => prefix.family === family).map(formatPrefix)
  const lines = [
    `add set ${table} local { type ${address}; flags interval; }`,
    `flush set ${table} local`,
    ...(own.length === 0 ? [] : [`add element ${table} local { ${own.join(', ')} }`]),
    `add set ${table} bridges { type ifname; }`,
    `add element ${table} bridges { "${bridge}" }`,
    `add map ${table} ports { type inet_proto . inet_service : ${target}; }`,
    `add map ${table} ports-at { type ${address} . inet_proto . inet_service : ${target}; }`,
    `add map ${table} stale { typeof ${flow} : ct zone; flags timeout; timeout 1d; }`,
    `add chain ${table} ports`,
    `add chain ${table} ports-in { type nat hook prerouting priority dstnat; policy accept; }`,
    // nft knows the name dstnat for prerouting only; NF_IP_PRI_NAT_DST is -100.
    `add chain ${table} ports-out { type nat hook output priority -100; policy accept; }`,
    // Before connection tracking, which is where a flow's zone has to be known.
    `add chain ${table} early-in { type filter hook prerouting priority raw; policy accept; }`,
    `add chain ${table} early-out { type filter hook output priority raw; policy accept; }`,
    ...['ports', 'ports-in', 'ports-out', 'early-in', 'early-out'].map(
      (chain) => `flush chain ${table} ${chain}`,
    ),
    `add rule ${table} ports dnat ${ip} addr . port to ${ip} daddr . ${port} map @ports-at`,
    `add rule ${table} ports dnat ${ip} addr . port to ${port} map @ports`,
    ...['in', 'out'].flatMap((way) => [
      `add rule ${table} ports-${way} ${ip} daddr @local jump ports`,
      `add rule ${table} early-${way} ct original zone set ${flow} map @stale`,
    ]),
    ...(family === 4 ? guardLoopback(table) : []),
  ]
  return `${lines.join('\n')}\n`
}

// With route_localnet on, the kernel takes 127.0.0.0/8 from a bridge for granted, and a container that forges packets
// would reach the host's loopback services (RFC 1122, section 3.2.1.3 forbids such addresses on any link).
function guardLoopback(table: string): readonly string[] {
  return ['saddr', 'daddr'].map(
    (side) => `add rule ${table} early-in iifname @bridges ip ${side} 127.0.0.0/8 drop`,
  )
}

/**
 * Rules in the bridge's postrouting chain: an answer has to come back through the host, where the destination was changed.
 * A container would answer its neighbour directly, itself not at all, and 127.0.0.1 nowhere.
 * @param source the containers' subnets as nft takes them
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
