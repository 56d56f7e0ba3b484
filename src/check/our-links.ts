// The links that packets between containers and other hosts cross.

import type { Family } from '../addr/ip.ts'
import type { NetworkFacts } from './facts/network.ts'

/**
 * Returns the names of the bridge, the Nebula interface and the links of the gateway hops, without
 * duplicates.
 */
export function ourLinks(
  bridge: string,
  { nebulaDev, gateways, peerGateways }: NetworkFacts,
): readonly string[] {
  const hops = [...gateways, ...peerGateways.values()].map(({ dev }) => dev)
  return [...new Set([bridge, ...(nebulaDev === undefined ? [] : [nebulaDev]), ...hops])]
}

/**
 * Returns a link's setting in sysctl(8) syntax. With slashes, a dot stays part of the link's name, as in
 * eth0.100.
 */
export function linkSysctl(link: string, setting: string, family: Family = 4): string {
  const parts = ['net', `ipv${String(family)}`, 'conf', link, setting]
  return parts.join(link.includes('.') ? '/' : '.')
}
