// The `ip` commands of one attachment: what is done in the host's namespace and what in the container's.

import { formatIp, type Ip } from '../addr/ip.ts'
import { formatPrefix, type Prefix } from '../addr/prefix.ts'
import type { ExtraRoute } from '../config/container-settings.ts'
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

/** The bridge as it has to be. */
export interface BridgePlan {
  readonly name: string
  /** The host's own addresses on it, the containers' gateways, with the subnets' lengths. */
  readonly addresses: readonly Prefix[]
  readonly mtuBytes: number
  /** Whether it takes frames that are meant for others. */
  readonly promisc?: boolean
}

/** The link pair of one attachment. */
export interface LinkPlan {
  readonly hostLink: string
  readonly hostMac: string
  readonly alias: string
  readonly ifname: string
  readonly mac: string
  readonly netns: string
  readonly mtuBytes: number
  /**
   * Whether the bridge may send a frame back to where it came from. Where br_netfilter is on, that is the way of a
   * container's packets to its own published port.
   */
  readonly hairpin: boolean
}

/** A route of the container, by way of the bridge or another next hop; without one, the destination is on the link. */
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

/** Commands that make the bridge so. `exists` spares its creation, which is the one that cannot be repeated. */
export function planBridge(bridge: BridgePlan, exists: boolean): readonly IpCommand[] {
  const [first] = bridge.addresses
  const mac = macOf(first ?? { family: 4, value: 0n })
  return [
    ...(exists ? [] : [linkAddBridge({ name: bridge.name, mtuBytes: bridge.mtuBytes, mac })]),
    ...bridge.addresses.map((address) => addressReplace(address, bridge.name)),
    ...(bridge.promisc === true ? [linkSetPromisc(bridge.name)] : []),
    linkSetUp(bridge.name),
  ]
}

/** Commands in the host's namespace: the veth pair, its near end a port of the bridge. */
export function planHostLink(link: LinkPlan, bridge: string): readonly IpCommand[] {
  const peer = { name: link.ifname, mac: link.mac, netns: link.netns }
  return [
    linkAddVeth({ name: link.hostLink, mac: link.hostMac, mtuBytes: link.mtuBytes, peer }),
    linkSetAlias(link.hostLink, link.alias),
    linkSetMasterUp(link.hostLink, bridge),
    ...(link.hairpin ? [linkSetHairpin(link.hostLink)] : []),
  ]
}

/** Commands in the container's namespace: addresses, up, routes. */
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

/** Equivalent to: `ip route add DST [via IP] dev IFNAME [metric N] [mtu N] [advmss N] [table N] [scope N]` */
function containerRouteAdd(ifname: string, { dst, gateway, metric, ...rest }: ContainerRoute): IpCommand {
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
 * The container's routes: everything by way of the bridge, and the pools once more by name, so that they stay
 * with us also where another network's default route goes first. The default route's metric is the number at the end of
 * the interface's name (eth0 0, eth1 1): two networks of one container never collide and the first one wins.
 * @param extra the settings' own routes
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
    // An IPv6 route without metric gets 1024 (ip-route(8)); 0 would be replaced by it.
    const metric = rank === 0 ? 0 : family === 6 ? 1024 + rank : rank
    const pool = pools.filter((candidate) => candidate.family === family)
    return [
      { dst: { family, value: 0n, length: 0 }, gateway, metric },
      ...pool.map((dst) => ({ dst, gateway, metric })),
    ]
  })
  // One written down in the main table goes in place of the usual one.
  const replaced = (dst: Prefix): boolean =>
    extra.some((route) => route.table === undefined && formatPrefix(route.dst) === formatPrefix(dst))
  return [
    ...usual.filter(({ dst }) => !replaced(dst)),
    ...extra.flatMap((route) => extraRoute(route, gateways)),
  ]
}

// From scope "link" on a destination has no next hop (ip-route(8), scope).
const SCOPE_LINK = 253

function extraRoute({ gw, priority = 0, ...rest }: ExtraRoute, gateways: readonly Ip[]): ContainerRoute[] {
  const own = gateways.find(({ family }) => family === rest.dst.family)
  // A family that this host's containers have no address of.
  if (own === undefined) return []
  const gateway = gw ?? ((rest.scope ?? 0) >= SCOPE_LINK ? undefined : own)
  return [{ ...rest, gateway, metric: priority }]
}

/**
 * A MAC that follows from the address (0a:58 and the last four bytes, locally administered as IEEE 802 asks): the same
 * address always comes with the same MAC, so no neighbour cache is ever stale when an address is used again.
 */
export function macOf(address: Ip): string {
  const low = (address.value & 0xffffffffn).toString(16).padStart(8, '0')
  return `0a:58:${low.match(/../g)?.join(':') ?? ''}`
}

/** The host side's MAC: the same number under another prefix, for both ends of a pair must differ. */
export function hostMacOf(address: Ip): string {
  return macOf(address).replace('0a:58', '0a:59')
}
