// Announces a new MAC of an address to neighbours that have an earlier one in their caches. Otherwise they
// send to the MAC of the address's earlier holder until the kernel doubts the entry and probes it without an
// answer: for some 15 s, and longer if the entry is recent (arp(7), base_reachable_time,
// delay_first_probe_time and ucast_solicit).

import type { Ip } from '../addr/ip.ts'
import type { IpCommand } from '../ip/batch.ts'
import { neighbourAnnounce, neighbourReplace } from '../ip/neighbour.ts'

/**
 * Returns the commands in the host's namespace that enter a container's addresses in the host's own cache.
 */
export function planHostNeighbours(
  bridge: string,
  mac: string,
  addresses: readonly Ip[],
): readonly IpCommand[] {
  return addresses.map((address) => neighbourReplace({ address, mac, dev: bridge }))
}

/**
 * Returns the commands in the container's namespace that announce its IPv4 addresses. NDP announces with
 * advertisements, which the kernel does not send for a command like this.
 */
export function planAnnouncements(ifname: string, addresses: readonly Ip[]): readonly IpCommand[] {
  return addresses.filter(({ family }) => family === 4).map((address) => neighbourAnnounce(address, ifname))
}
