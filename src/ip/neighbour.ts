// ip-neighbour(8): commands on the neighbour caches (ARP, NDP), as data.

import { formatIp, type Ip } from '../addr/ip.ts'
import type { IpCommand } from './batch.ts'

/** A neighbour on one link. */
interface Neighbour {
  readonly address: Ip
  readonly mac: string
  readonly dev: string
}

/**
 * Enters a neighbour, in place of an entry with an earlier MAC. The kernel uses a stale entry immediately and
 * confirms it a few seconds later (RFC 4861, section 7.3.2).
 * Equivalent to: `ip neighbour replace IP lladdr MAC dev DEV nud stale`
 */
export function neighbourReplace(neighbour: Neighbour): IpCommand {
  return replace(neighbour, 'stale')
}

/**
 * Makes the kernel broadcast up to three ARP requests, a second apart, in which a link asks for its own IPv4
 * address. Hosts that know the address take over its MAC from them (RFC 5227, section 3, "ARP Announcement").
 * The kernel sends them because it probes the neighbour at the MAC of its entry, here the broadcast address.
 * Equivalent to: `ip neighbour replace OWN-IP lladdr ff:ff:ff:ff:ff:ff dev DEV nud probe`
 */
export function neighbourAnnounce(own: Ip, dev: string): IpCommand {
  return replace({ address: own, mac: 'ff:ff:ff:ff:ff:ff', dev }, 'probe')
}

function replace({ address, mac, dev }: Neighbour, state: string): IpCommand {
  return ['neighbour', 'replace', formatIp(address), 'lladdr', mac, 'dev', dev, 'nud', state]
}
