// Gathers the links of our network namespace and their addresses, with one call of `ip`.

import { parseIp } from '../../addr/ip.ts'
import type { Prefix } from '../../addr/prefix.ts'
import type { Facts } from '../../check/facts.ts'
import type { LinkFacts } from '../../check/facts/links.ts'
import { ipShow } from '../../exec/network/ip.ts'
import { parseShown, type ShownLink } from '../../ip/show.ts'

/**
 * Gathers the links.
 * @throws CniError when `ip` is missing
 */
export async function gatherLinks(): Promise<Facts['links']> {
  const shown = parseShown<ShownLink>(await ipShow(['address', 'show']))
  // iproute2 prints an empty object for each link whose addresses were filtered out.
  return shown.flatMap(({ ifname, ...link }) => (ifname === undefined ? [] : [linkOf(ifname, link)]))
}

function linkOf(name: string, link: ShownLink): LinkFacts {
  const flags = link.flags ?? []
  return {
    name,
    isUp: flags.includes('UP'),
    hasCarrier: flags.includes('LOWER_UP'),
    mtuBytes: link.mtu ?? 0,
    master: link.master,
    addresses: (link.addr_info ?? []).flatMap(({ local, prefixlen }): Prefix[] => {
      const ip = parseIp(local ?? '')
      return ip === undefined || prefixlen === undefined ? [] : [{ ...ip, length: prefixlen }]
    }),
  }
}
