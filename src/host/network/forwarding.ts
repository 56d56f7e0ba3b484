// The kernel settings that let the containers' packets pass.

import { ensureLinkSysctl, ensureSysctl, readSysctl } from '../../exec/network/sysctl.ts'
import { kernelRoutes } from '../routes/kernel-routes.ts'

/** The links that containers' packets cross. */
interface ForwardingLinks {
  readonly bridge: string
  /** The nebula link and the links of the gateway hops. */
  readonly uplinks: readonly string[]
}

/**
 * Switches forwarding on and strict source checks off, on our links only.
 * @throws CniError IoFailure
 */
export async function ensureForwarding(
  { bridge, uplinks }: ForwardingLinks,
  families: readonly (4 | 6)[],
): Promise<void> {
  const links = [...new Set([bridge, ...uplinks])]
  if (families.includes(4)) {
    ensureSysctl('ipv4/ip_forward', '1')
    // A write that changes ip_forward reaches every link. If it was 1 already, links made later get their
    // value from conf/default/forwarding, and the link that a packet arrives on decides (ip-sysctl.rst).
    for (const link of links) ensureLinkSysctl(`ipv4/conf/${link}/forwarding`, '1')
  }
  refuseAdvertisements(bridge)
  if (families.includes(6)) await ensureForwarding6(bridge, uplinks)
  // For a moment, each direction may use another path. rp_filter 1 drops packets that return on the
  // other one (RFC 3704, section 2.2: loose is for asymmetric routing). The kernel applies the higher of
  // "all" and the link's own value.
  const all = Number(readSysctl('ipv4/conf/all/rp_filter') ?? '0')
  for (const link of links) {
    const own = Number(readSysctl(`ipv4/conf/${link}/rp_filter`) ?? '0')
    if (Math.max(all, own) === 1) ensureLinkSysctl(`ipv4/conf/${link}/rp_filter`, '2')
  }
}

async function ensureForwarding6(bridge: string, uplinks: readonly string[]): Promise<void> {
  // With forwarding on, the kernel ignores router advertisements unless accept_ra is 2 (ip-sysctl.rst). The
  // host would lose its own default route, which may be on a link that is not ours.
  const isOn = readSysctl('ipv6/conf/all/forwarding') === '1'
  const heard = isOn ? [] : await defaultRouteLinks()
  for (const link of new Set([...uplinks, ...heard]))
    if (link !== bridge && readSysctl(`ipv6/conf/${link}/accept_ra`) === '1')
      ensureLinkSysctl(`ipv6/conf/${link}/accept_ra`, '2')
  ensureSysctl('ipv6/conf/all/forwarding', '1')
  // Only "all" decides whether packets pass. The link's own setting makes the host a router for its
  // neighbours there (the router flag of RFC 4861, section 4.4), and a link made later gets its
  // value from conf/default/forwarding.
  ensureLinkSysctl(`ipv6/conf/${bridge}/forwarding`, '1')
}

/**
 * Makes the host ignore router advertisements that arrive on a link to containers. A container
 * could otherwise take over the host's IPv6 traffic with a default route of its own
 * (CVE-2020-10749), even if it has no IPv6 address.
 */
export function refuseAdvertisements(link: string): void {
  ensureLinkSysctl(`ipv6/conf/${link}/accept_ra`, '0')
}

async function defaultRouteLinks(): Promise<readonly string[]> {
  const routes = await kernelRoutes()
  return routes
    .filter(({ dst, via }) => dst.family === 6 && dst.length === 0 && via !== undefined)
    .map(({ dev }) => dev)
}

/**
 * Lets packets of the host with a source in 127.0.0.0/8 leave on the bridge, where masquerade replaces the
 * source, and lets their answers in (ip-sysctl.rst, route_localnet). The rules keep other senders from
 * using it (net/ports/rules.ts).
 */
export function ensureLoopbackRouting(bridge: string): void {
  ensureSysctl(`ipv4/conf/${bridge}/route_localnet`, '1')
}
