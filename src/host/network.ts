// Where this host stands in the kernel's network: its nebula link, its MTU, its gateway hops.

import { type Family, formatIp, type Ip } from '../addr/ip.ts'
import { contains, networkOf, type Prefix, without } from '../addr/prefix.ts'
import { bridgeAddress } from '../addr/range.ts'
import { CniError } from '../cni/error.ts'
import { configError } from '../config/shape.ts'
import type { Settings } from '../config/settings.ts'
import { ipShow } from '../exec/ip.ts'
import { readProcLocal, readProcRoutes } from '../exec/proc.ts'
import { readSysctl } from '../exec/sysctl.ts'
import { parseFibTrie, parseIfInet6 } from '../ip/local-addresses.ts'
import { parseProcHeads, type ProcRoute } from '../ip/proc-route.ts'
import type { Hop } from '../route/plan.ts'
import { defaultHop, linksOfNetwork, neighbourLink, subnetsOnLink } from '../route/lookup.ts'
import type { Identity } from './identity.ts'
import { linkExists } from '../state/liveness.ts'

/** The host's place in the network at this moment. */
export interface HostNetwork {
  /** The link that holds the overlay network; undefined while Nebula is down. */
  readonly nebulaDev: string | undefined
  readonly mtuBytes: number
  readonly gateways: readonly Hop[]
  readonly peerGateways: ReadonlyMap<string, Hop>
  /** The bridge's addresses: the first of each subnet, with the subnet's length. */
  readonly bridgeAddresses: readonly Prefix[]
  /** Subnets of earlier certificates that the bridge still has an address in. */
  readonly earlierSubnets: readonly Prefix[]
}

// Nebula's own default (overlay/tun.go). Containers that start while Nebula is down have to fit once it is back.
const NEBULA_MTU = 1300

/** A configured hop that cannot be used. */
export interface RefusedHop {
  /** Overlay address of the peer whose own hop it is; undefined for the host's. */
  readonly peer: string | undefined
  readonly error: CniError
}

/**
 * Finds links and next hops.
 * @param routes the kernel's default and connected routes, both families
 * @throws CniError InvalidConfig when a configured hop cannot be used
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

/** As {@link findNetwork}, with what is left where hops cannot be used. */
export async function lookAround(
  settings: Settings,
  identity: Identity,
  routes: readonly ProcRoute[],
): Promise<HostNetwork & { readonly refused: readonly RefusedHop[] }> {
  const nebulaDev = findNebula(settings, identity, routes)
  const mtuBytes = settings.mtu === 'auto' ? await linkMtu(nebulaDev) : settings.mtu
  const refused: RefusedHop[] = []
  const attempt = <Found>(peer: string | undefined, find: () => Found): Found | undefined => {
    try {
      return find()
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      refused.push({ peer, error })
      return undefined
    }
  }
  const peerGateways = new Map<string, Hop>()
  for (const [overlay, via] of settings.peerGateways) {
    const path = `peerGateways.${overlay}`
    const hop = attempt(overlay, () => {
      refuseOverlay(via, identity, path)
      return hopTo(via, 'auto', routes, path)
    })
    if (hop !== undefined) peerGateways.set(overlay, hop)
  }
  return {
    nebulaDev,
    mtuBytes,
    gateways: attempt(undefined, () => findGateways(settings, identity, routes, nebulaDev)) ?? [],
    peerGateways,
    bridgeAddresses: identity.subnets.map(bridgeAddress),
    earlierSubnets: without(subnetsOnLink(routes, settings.bridge, settings.pools), identity.subnets),
    refused,
  }
}

/** Default and connected routes of both families. */
export function kernelRoutes(): readonly ProcRoute[] {
  return ([4, 6] as const).flatMap((family) => parseProcHeads(readProcRoutes(family), family))
}

/** The networks whose addresses are this host's own, no two of which overlap. */
export function localAddresses(family: Family): readonly Prefix[] {
  const text = readProcLocal(family)
  return family === 4 ? parseFibTrie(text) : parseIfInet6(text)
}

// Nebula puts its network's route on its device; that is the link whatever its name.
function findNebula(
  settings: Settings,
  identity: Identity,
  routes: readonly ProcRoute[],
): string | undefined {
  const { device } = settings.nebula
  if (device !== 'auto') return linkExists(device) ? device : undefined
  return identity.overlay.flatMap((overlay) => linksOfNetwork(routes, networkOf(overlay)))[0]
}

// The IPv6 MTU of a link follows its device's and is readable without a process; without IPv6, `ip` knows.
async function linkMtu(dev: string | undefined): Promise<number> {
  if (dev === undefined) return NEBULA_MTU
  const known = Number(readSysctl(`ipv6/conf/${dev}/mtu`) ?? '0')
  if (known > 0) return known
  const shown = await ipShow(['link', 'show', 'dev', dev])
  const [link] = shown === undefined ? [] : (JSON.parse(shown) as { mtu?: number }[])
  return link?.mtu ?? NEBULA_MTU
}

function findGateways(
  settings: Settings,
  identity: Identity,
  routes: readonly ProcRoute[],
  nebulaDev: string | undefined,
): readonly Hop[] {
  const { via, dev } = settings.gateway
  if (via === 'none') return []
  if (via !== 'auto') {
    // A gateway host inside Nebula is as far away as Nebula itself: while that is down there is no hop, and no fault.
    if (isOverlay(via, identity)) return nebulaDev === undefined ? [] : [{ via, dev: nebulaDev }]
    return [hopTo(via, dev, routes, 'gateway.via')]
  }
  const never = [settings.bridge, ...(nebulaDev === undefined ? [] : [nebulaDev])]
  return identity.subnets.flatMap(({ family }) => {
    const candidates = dev === 'auto' ? routes : routes.filter((route) => route.dev === dev)
    return defaultHop(candidates, family, never) ?? []
  })
}

function isOverlay(ip: Ip, { overlay }: Identity): boolean {
  return overlay.some((network) => contains(network, ip))
}

// Both paths of one peer's prefix on the nebula link would lose traffic (route/plan.ts); a gateway host for the whole pool
// is what Nebula can do.
function refuseOverlay(via: Ip, identity: Identity, path: string): void {
  if (!isOverlay(via, identity)) return
  throw configError(
    path,
    `${formatIp(via)} is an overlay address; name an address outside of Nebula, or the gateway host in gateway.via`,
  )
}

function hopTo(via: Ip, dev: string, routes: readonly ProcRoute[], path: string): Hop {
  const link = dev === 'auto' ? neighbourLink(routes, via) : dev
  if (link === undefined) {
    throw configError(path, `${formatIp(via)} is on no network of this host; name its link with gateway.dev`)
  }
  return { via, dev: link }
}
