// The routes that Windows has to have, as hosts come and go.

import { parseIp } from '../../addr/ip.ts'
import { contains, formatPrefix, type Prefix } from '../../addr/prefix.ts'
import { isObject } from '../../json.ts'
import type { PeerRoute } from './plan.ts'

export interface PeerPlace {
  readonly subnets: readonly Prefix[]
  /** Its address on the LAN, as it tells it; undefined while it is silent. */
  readonly lanAddress: string | undefined
}

/**
 * Returns the routes: own subnets by WSL2's address, each peer's by its address on the LAN. A peer that
 * is silent keeps its route, for the gateway path is needed just then.
 * @param before what was wanted last
 * @param lan networks of Windows' LAN; a next hop elsewhere is left out
 */
export function wantedRoutes(
  own: { readonly address: string; readonly subnets: readonly Prefix[] },
  peers: readonly PeerPlace[],
  before: readonly PeerRoute[],
  lan: readonly Prefix[],
): readonly PeerRoute[] {
  const isFour = ({ family }: Prefix): boolean => family === 4
  const last = new Map(before.map(({ destination, nextHop }) => [destination, nextHop]))
  const isOnLan = (text: string): boolean => {
    const ip = parseIp(text)
    return ip !== undefined && lan.some((prefix) => contains(prefix, ip))
  }
  const others = peers.flatMap(({ subnets, lanAddress }) =>
    subnets.filter(isFour).flatMap((subnet) => {
      const destination = formatPrefix(subnet)
      const nextHop = lanAddress ?? last.get(destination)
      return nextHop === undefined || !isOnLan(nextHop) ? [] : [{ destination, nextHop }]
    }),
  )
  const self = own.subnets
    .filter(isFour)
    .map((subnet) => ({ destination: formatPrefix(subnet), nextHop: own.address }))
  return [...self, ...others.toSorted((a, b) => (a.destination < b.destination ? -1 : 1))]
}

/** Reads the routes of an earlier file; none from one that is damaged, for it is made again. */
export function routesOf(text: string): readonly PeerRoute[] {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    return []
  }
  const routes = isObject(read) && Array.isArray(read['routes']) ? read['routes'] : []
  return routes.flatMap((each) =>
    isObject(each) && typeof each['destination'] === 'string' && typeof each['nextHop'] === 'string'
      ? [{ destination: each['destination'], nextHop: each['nextHop'] }]
      : [],
  )
}
