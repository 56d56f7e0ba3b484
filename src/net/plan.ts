// The `ip` commands for one attachment, in the host's namespace and in the container's.

import { formatIp, type Ip } from '../addr/ip.ts'
import { formatPrefix, type Prefix } from '../addr/prefix.ts'
import { addressReplace } from '../ip/address.ts'
import type { IpCommand } from '../ip/batch.ts'
import {
  linkAddBridge,
  linkAddVeth,
  linkSetAlias,
  linkSetHairpin,
  linkSetMasterUp,
  linkSetPromisc,
  linkSetUp,
} from '../ip/link.ts'
import type { AttachmentRecord } from './attachment.ts'

/** The desired state of the bridge. */
export interface BridgePlan {
  readonly name: string
  /** The host's own addresses on it, which are the containers' gateways, with the subnets' prefix lengths. */
  readonly addresses: readonly Prefix[]
  readonly mtuBytes: number
  /** Whether it accepts frames for other destinations. */
  readonly promisc?: boolean
}

/** The veth pair of one attachment. */
export interface LinkPlan {
  readonly hostLink: string
  readonly hostMac: string
  readonly alias: string
  readonly ifname: string
  readonly mac: string
  readonly netns: string
  readonly mtuBytes: number
  /**
   * Whether the bridge may send a frame back out of the port it arrived on. With br_netfilter enabled, that
   * is how a container's packets reach its own published port.
   */
  readonly hairpin: boolean
}

/**
 * Returns whether the link of an attachment has {@link LinkPlan.hairpin}: its port may come back to it later.
 */
export function isHairpin(
  { ports, standby }: Pick<AttachmentRecord, 'ports' | 'standby'>,
  hairpinMode: boolean,
): boolean {
  return hairpinMode || ports !== undefined || standby !== undefined
}

/**
 * A route of the container, via the bridge or another next hop. Without a next hop, the destination is on the
 * link.
 */
export interface ContainerRoute {
  readonly dst: Prefix
  readonly gateway: Ip | undefined
  readonly metric: number
  /** Bytes. */
  readonly mtu?: number
  /** Bytes. */
  readonly advmss?: number
  readonly table?: number
  readonly scope?: number
}

/**
 * Returns the commands that set up the bridge. `exists` skips its creation, the only command that cannot be
 * repeated.
 */
export function planBridge(bridge: BridgePlan, exists: boolean): readonly IpCommand[] {
  const { name, mtuBytes } = bridge
  return [
    ...(exists ? [] : [linkAddBridge({ name, mtuBytes, mac: bridgeMac(bridge) })]),
    ...bridge.addresses.map((address) => addressReplace(address, bridge.name)),
    ...(bridge.promisc === true ? [linkSetPromisc(bridge.name)] : []),
    linkSetUp(bridge.name),
  ]
}

/** Returns the bridge's own MAC, derived from its first address. */
export function bridgeMac({ addresses: [first] }: Pick<BridgePlan, 'addresses'>): string {
  return macOf(first ?? { family: 4, value: 0n })
}

/**
 * Returns the commands in the host's namespace: create the veth pair and make its near end a port of the
 * bridge.
 */
export function planHostLink(link: LinkPlan, bridge: string): readonly IpCommand[] {
  const peer = { name: link.ifname, mac: link.mac, netns: link.netns }
  return [
    linkAddVeth({ name: link.hostLink, mac: link.hostMac, mtuBytes: link.mtuBytes, peer }),
    linkSetAlias(link.hostLink, link.alias),
    linkSetMasterUp(link.hostLink, bridge),
    ...(link.hairpin ? [linkSetHairpin(link.hostLink)] : []),
  ]
}

/** Returns the commands in the container's namespace: addresses, up, routes. */
export function planContainer(
  ifname: string,
  addresses: readonly Prefix[],
  routes: readonly ContainerRoute[],
): readonly IpCommand[] {
  return [
    ...addresses.map((address) => addressReplace(address, ifname)),
    linkSetUp(ifname),
    ...routes.map((route) => containerRouteAdd(ifname, route)),
  ]
}

/**
 * Adds one route.
 * Equivalent to: `ip route add DST [via IP] dev IFNAME [metric N] [mtu N] [advmss N] [table N] [scope N]`
 */
export function containerRouteAdd(
  ifname: string,
  { dst, gateway, metric, ...rest }: ContainerRoute,
): IpCommand {
  const words = (key: 'mtu' | 'advmss' | 'table' | 'scope'): string[] =>
    rest[key] === undefined ? [] : [key, String(rest[key])]
  return [
    'route',
    'add',
    formatPrefix(dst),
    ...(gateway === undefined ? [] : ['via', formatIp(gateway)]),
    'dev',
    ifname,
    ...(metric === 0 ? [] : ['metric', String(metric)]),
    ...words('mtu'),
    ...words('advmss'),
    ...words('table'),
    ...words('scope'),
  ]
}

/**
 * Returns the container's routes: a default route via the bridge, and one route per pool, so that pool
 * traffic stays on this network even if another network's default route wins. The default route's metric is
 * the number at the end of the interface's name (eth0 0, eth1 1), so the first of a container's networks
 * wins. If the names do not decide, see route-conflicts.ts.
 * @param extra the routes from the settings
 */
export function containerRoutes(
  ifname: string,
  gateways: readonly Ip[],
  pools: readonly Prefix[],
  extra: readonly ExtraRoute[] = [],
): readonly ContainerRoute[] {
  const rank = Math.min(Number(/\d{0,4}$/.exec(ifname)?.[0] ?? '0'), 9999)
  const usual = gateways.flatMap((gateway): ContainerRoute[] => {
    const { family } = gateway
    // An IPv6 route with metric 0 gets 1024 (ip-route(8)), so start the others above it.
    const metric = rank === 0 ? 0 : family === 6 ? 1024 + rank : rank
    const pool = pools.filter((candidate) => candidate.family === family)
    return [
      { dst: { family, value: 0n, length: 0 }, gateway, metric },
      ...pool.map((dst) => ({ dst, gateway, metric })),
    ]
  })
  // A configured route in the main table replaces the usual one.
  const replaced = (dst: Prefix): boolean =>
    extra.some((route) => route.table === undefined && formatPrefix(route.dst) === formatPrefix(dst))
  return [
    ...usual.filter(({ dst }) => !replaced(dst)),
    ...extra.flatMap((route) => extraRoute(route, gateways)),
  ]
}

// From scope "link" on, a destination has no next hop (ip-route(8), scope).
const SCOPE_LINK = 253

function extraRoute({ gw, priority = 0, ...rest }: ExtraRoute, gateways: readonly Ip[]): ContainerRoute[] {
  const own = gateways.find(({ family }) => family === rest.dst.family)
  // This host's containers have no address in this family.
  if (own === undefined) return []
  const gateway = gw ?? ((rest.scope ?? 0) >= SCOPE_LINK ? undefined : own)
  return [{ ...rest, gateway, metric: priority }]
}

/**
 * Derives a MAC from an address: 0a:58 and the last four bytes, locally administered as IEEE 802 requires.
 * The same address always has the same MAC, so reusing an address never leaves a stale neighbour cache.
 */
export function macOf(address: Ip): string {
  const low = (address.value & 0xffffffffn).toString(16).padStart(8, '0')
  return `0a:58:${low.match(/../g)?.join(':') ?? ''}`
}

/**
 * Returns the MAC of the host side: the same number with another prefix, because the two ends of a pair must
 * differ.
 */
export function hostMacOf(address: Ip): string {
  return macOf(address).replace('0a:58', '0a:59')
}

/** A route inside the container, as in a CNI 1.1.0 result. Without `gw` it goes via the bridge. */
export interface ExtraRoute {
  readonly dst: Prefix
  readonly gw?: Ip
  /** Bytes. */
  readonly mtu?: number
  /** Bytes. */
  readonly advmss?: number
  /** The metric of `ip route`. */
  readonly priority?: number
  readonly table?: number
  /** 0 (everywhere) to 255 (nowhere). From 253 (this link) on there is no next hop. */
  readonly scope?: number
}
