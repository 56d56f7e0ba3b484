// This host's place in the kernel's network: its nebula link, its MTU, its gateway hops.

import { attempting } from '../attempt.ts'
import { parseShownLink } from '../../ip/show.ts'
import { formatIp, type Ip } from '../../addr/ip.ts'
import { contains, networkOf, type Prefix, without } from '../../addr/prefix.ts'
import { bridgeAddress } from '../../addr/range.ts'
import type { CniError } from '../../cni/error.ts'
import { configError } from '../../config/shape.ts'
import type { Settings } from '../../config/settings.ts'
import { ipShow } from '../../exec/network/ip.ts'
import { readSysctl } from '../../exec/network/sysctl.ts'
import type { ProcRoute } from '../../ip/proc-route.ts'
import type { Hop } from '../../route/hop.ts'
import {
  defaultRoute,
  hopOf,
  isNeighbourOn,
  linksOfNetwork,
  neighbourLink,
  shownHop,
  subnetsOnLink,
} from '../../route/lookup.ts'
import type { Identity } from '../identity/identity.ts'
import { linkExists } from '../../kernel/presence.ts'

/** The host's place in the network at this moment. */
export interface HostNetwork {
  /** The link of the overlay network. Undefined while Nebula is down. */
  readonly nebulaDev: string | undefined
  readonly mtuBytes: number
  readonly gateways: readonly Hop[]
  readonly peerGateways: ReadonlyMap<string, Hop>
  /** The bridge's addresses: the first of each subnet, with the subnet's length. */
  readonly bridgeAddresses: readonly Prefix[]
  /** Subnets of earlier certificates in which the bridge still has an address. */
  readonly earlierSubnets: readonly Prefix[]
}

/**
 * Nebula's own default (overlay/tun.go). Packets of containers that start while Nebula
 * is down must fit once it is up.
 */
export const NEBULA_MTU = 1300

/** A configured hop that cannot be used. */
interface RefusedHop {
  /** Overlay address of the peer that the hop is configured for; undefined for the host's own hop. */
  readonly peer: string | undefined
  readonly error: CniError
}

/**
 * Finds links and next hops.
 * @param routes the kernel's default and connected routes, both families
 * @throws CniError InvalidConfig if a configured hop cannot be used
 */
export async function findNetwork(
  settings: Settings,
  identity: Identity,
  routes: readonly ProcRoute[],
): Promise<HostNetwork> {
  const { refused, ...network } = await lookAround(settings, identity, routes)
  if (refused[0] !== undefined) throw refused[0].error
  return network
}

/** Does the same as {@link findNetwork}, but returns unusable hops beside the usable ones. */
export async function lookAround(
  settings: Settings,
  identity: Identity,
  routes: readonly ProcRoute[],
): Promise<HostNetwork & { readonly refused: readonly RefusedHop[] }> {
  const nebulaDev = findNebula(settings, identity, routes)
  const mtuBytes = settings.mtu === 'auto' ? await linkMtu(nebulaDev) : settings.mtu
  const refused: RefusedHop[] = []
  const attemptFor = (peer: string | undefined) => attempting((error) => refused.push({ peer, error }))
  const peerGateways = new Map<string, Hop>()
  for (const [overlay, via] of settings.peerGateways) {
    const path = `peerGateways.${overlay}`
    const hop = await attemptFor(overlay)(() => {
      refuseOverlay(via, identity, path)
      return hopTo(via, 'auto', routes, path)
    })
    if (hop !== undefined) peerGateways.set(overlay, hop)
  }
  return {
    nebulaDev,
    mtuBytes,
    gateways: (await attemptFor(undefined)(() => findGateways(settings, identity, routes, nebulaDev))) ?? [],
    peerGateways,
    bridgeAddresses: identity.subnets.map(bridgeAddress),
    earlierSubnets: without(subnetsOnLink(routes, settings.bridge, settings.pools), identity.subnets),
    refused,
  }
}

// Nebula puts its network's route on its device. That route identifies the link under any name.
function findNebula(
  settings: Settings,
  identity: Identity,
  routes: readonly ProcRoute[],
): string | undefined {
  const { device } = settings.nebula
  if (device !== 'auto') return linkExists(device) ? device : undefined
  return identity.overlay.flatMap((overlay) => linksOfNetwork(routes, networkOf(overlay)))[0]
}

// A link's IPv6 MTU follows its device's and can be read without a process. Without IPv6, `ip` tells.
async function linkMtu(dev: string | undefined): Promise<number> {
  if (dev === undefined) return NEBULA_MTU
  const known = Number(readSysctl(`ipv6/conf/${dev}/mtu`) ?? '0')
  if (known > 0) return known
  return parseShownLink(await ipShow(['link', 'show', 'dev', dev]))?.mtu ?? NEBULA_MTU
}

async function findGateways(
  settings: Settings,
  identity: Identity,
  routes: readonly ProcRoute[],
  nebulaDev: string | undefined,
): Promise<readonly Hop[]> {
  const { via, dev } = settings.gateway
  if (via === 'none') return []
  if (via !== 'auto') {
    // A gateway host inside Nebula is only reachable while Nebula is up. While it is down,
    // the hop is missing, which is not a fault.
    if (isOverlay(via, identity)) return nebulaDev === undefined ? [] : [{ via, dev: nebulaDev }]
    return [hopTo(via, dev, routes, 'gateway.via')]
  }
  const never = [settings.bridge, ...(nebulaDev === undefined ? [] : [nebulaDev])]
  const hops = identity.subnets.map(async ({ family }) => {
    const candidates = dev === 'auto' ? routes : routes.filter((route) => route.dev === dev)
    const route = defaultRoute(candidates, family, never)
    return route && (hopOf(route, routes) ?? askHop(route))
  })
  return (await Promise.all(hops)).filter((hop) => hop !== undefined)
}

// Few hosts have such a route, so only their ADDs pay for the process.
async function askHop(route: ProcRoute): Promise<Hop | undefined> {
  const { family } = route.dst
  const { parseShownRoutes } = await import('../../ip/shown-route.ts')
  const shown = await ipShow([`-${String(family)}`, 'route', 'show', 'default'])
  return shownHop(parseShownRoutes(shown, family), route)
}

function isOverlay(ip: Ip, { overlay }: Identity): boolean {
  return overlay.some((network) => contains(network, ip))
}

// Both paths of one peer's prefix on the nebula link would lose traffic (route/plan.ts). Nebula can only use
// a gateway host for the whole pool.
function refuseOverlay(via: Ip, identity: Identity, path: string): void {
  if (!isOverlay(via, identity)) return
  throw configError(
    path,
    `${formatIp(via)} is an overlay address; ` +
      'name an address outside of Nebula, or the gateway host in gateway.via',
  )
}

function hopTo(via: Ip, dev: string, routes: readonly ProcRoute[], path: string): Hop {
  const link = dev === 'auto' ? neighbourLink(routes, via) : dev
  if (link === undefined) {
    throw configError(path, `${formatIp(via)} is on no network of this host; name its link with gateway.dev`)
  }
  return { via, dev: link, ...(isNeighbourOn(routes, via, link) ? {} : { onLink: true }) }
}
